#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/json.h"
#include "analyzers/report/text.h"
#include "app/cli/verb.h"
#include "app/jobs/analyze.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::AnalyzeOptions job;
  std::string trace;
  std::string out;
};

void printJson(const jobs::Analysis& analysis) {
  nlohmann::json results = nlohmann::json::array();
  for (const trace::AnalysisResult& result : analysis.results)
    results.push_back(nlohmann::json::parse(analyzers::report::toJson(result)));
  fmt::print("{}\n", nlohmann::json{{"trace", analysis.traceId},
                                    {"command", analysis.command},
                                    {"notices", analysis.notices},
                                    {"results", std::move(results)}}
                         .dump(2));
}

void printSummary(const jobs::Analysis& analysis) {
  for (const std::string& notice : analysis.notices)
    fmt::print("note: {}\n", notice);
  for (std::size_t i = 0; i < analysis.results.size(); ++i)
    fmt::print("{}{}", i > 0 ? "\n" : "", analyzers::report::toText(analysis.results[i]));
}

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  options.job.trace = options.trace;
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("analyze", !options.common.quiet);
  const jobs::Analysis analysis =
      SY_TRY(jobs::analyze(options.job, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (options.common.json)
    printJson(analysis);
  else if (!options.common.quiet)
    printSummary(analysis);
  if (options.out.empty())
    return kOk;
  const auto written = SY_TRY(jobs::writeAnalysis(analysis, options.out));
  if (!options.common.quiet)
    fmt::print(stderr, "\n{} files in {}\n", written.size(), options.out);
  return kOk;
}

} // namespace

void addAnalyze(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = verbs.add(
      "analyze", "Answer questions about a trace: load, co-activation, transitions, specialization",
      "  switchyard analyze demo.swy\n"
      "  switchyard analyze demo.swy --with load,specialization --by lang --out results\n"
      "  switchyard analyze demo.swy --with coactivation --json");
  verb->add_option("trace", options->trace, "A .swy trace")->required();
  verb->add_option("--with", options->job.with,
                   fmt::format("Analyzers to run: {}; default: all",
                               fmt::join(jobs::analyzerIds(), ", ")))
      ->delimiter(',');
  verb->add_option("--by", options->job.by, "Label that specialization compares")
      ->capture_default_str();
  verb->add_option("--out", options->out, "Folder for analysis.json and CSV tables");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
