#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzers/report/text.h"
#include "app/cli/log.h"
#include "app/cli/plugin_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/analyze.h"
#include "app/jobs/machine.h"
#include "app/jobs/write_analysis.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::AnalyzeOptions job;
  std::string trace;
  std::string reference;
  std::string out;
  std::string machine;
  std::string model;
  std::string rows, routedTo;
  std::vector<std::string> with;
  PluginFlags flags;
  std::shared_ptr<plugin::Registry> registry;
};

void printSummary(const jobs::Analysis& analysis) {
  for (const std::string& notice : analysis.notices)
    fmt::print("note: {}\n", notice);
  for (std::size_t i = 0; i < analysis.results.size(); ++i)
    fmt::print("{}{}", i > 0 ? "\n" : "", analyzers::report::toText(analysis.results[i]));
}

/// The requests in the order given; flags of a plugin that is not run would be ignored: refused.
base::Result<std::vector<jobs::AnalysisRequest>> requests(const Options& options) {
  const std::vector<std::string>& names =
      options.with.empty() ? jobs::defaultAnalyzers() : options.with;
  std::vector<jobs::AnalysisRequest> list;
  std::vector<std::string> used;
  for (const std::string& name : names) {
    const plugin::Manifest manifest = SY_TRY(options.registry->find(name, std::nullopt));
    used.push_back(manifest.shortName());
    list.push_back({name, options.flags.of(used.back())});
  }
  if (const std::string unused = options.flags.unusedBy(used); !unused.empty())
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("there are options for {0}, which is not run; add --with {0}", unused));
  return list;
}

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  options.job.trace = options.trace;
  options.job.reference = options.reference;
  options.job.model = options.model;
  options.job.with = SY_TRY(requests(options));
  options.job.rows = SY_TRY(jobs::parseRowFilter(options.rows, options.routedTo));
  options.job.ranks = run.ranks;
  options.job.log = stderrLog(options.common.quiet);
  if (!options.machine.empty())
    options.job.machine = SY_TRY(jobs::readMachine(options.machine));
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("analyze", !options.common.quiet);
  const jobs::Analysis analysis =
      SY_TRY(jobs::analyze(options.job, *options.registry, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (!run.isFirst())
    return kOk;
  if (options.common.json)
    fmt::print("{}", jobs::toJson(analysis));
  else if (!options.common.quiet)
    printSummary(analysis);
  if (options.out.empty())
    return kOk;
  const auto written = SY_TRY(jobs::writeAnalysis(analysis, options.out, threads));
  if (!options.common.quiet)
    fmt::print(stderr, "\n{} files in {}\n", written.size(), options.out);
  return kOk;
}

} // namespace

void addAnalyze(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "analyze", "Answer questions about a trace: specialization, load, co-activation, ...",
      "  switchyard analyze demo.swy\n"
      "  switchyard analyze demo.swy --with load,specialization --by lang --out results\n"
      "  switchyard analyze demo.swy --with coactivation --coactivation.top 32 --json\n"
      "  switchyard analyze demo.swy --with load --routed-to 5:19\n"
      "  mpirun -n 4 switchyard analyze demo.swy --by lang --out results\n"
      "\n"
      "switchyard plugins list shows what can be run; plugins are code with your rights.");
  verb->add_option("trace", options->trace, "A .swy trace")->required();
  verb->add_option("--with", options->with,
                   fmt::format("Analyzers and simulators to run, in this order; default: {}",
                               fmt::join(jobs::defaultAnalyzers(), ",")))
      ->delimiter(',');
  verb->add_option("--by", options->job.by,
                   "Label to compare (option \"label\" of the plugins that have one)");
  verb->add_option("--marker", options->job.markers,
                   "TEXT=COEFFICIENT of a marker for npmi; default: <think>=1 and </think>=-1");
  verb->add_option("--model", options->model,
                   "Checkpoint folder whose tokenizer reads markers; default: the traced model");
  verb->add_option("--reference", options->reference,
                   "A second trace of the same tokens, for analyzers that compare two");
  verb->add_option("--rows", options->rows,
                   "FIRST:LAST of the trace's tokens, sequence after sequence, that analyzers and "
                   "simulators see; LAST is not included");
  verb->add_option(
      "--routed-to", options->routedTo,
      "LAYER:EXPERT: analyzers and simulators see only the tokens that chose this expert there");
  verb->add_option("--out", options->out, "Folder for analysis.json, CSV tables and SVG figures");
  verb->add_option("--machine", options->machine,
                   "Machine that simulators price: a JSON file, or the JSON itself");
  verb->add_option("--step-tokens", options->job.stepTokens,
                   "Tokens of a sequence that a simulated machine runs together")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->flags.add(verb, *options->registry, {plugin::Kind::Analyzer, plugin::Kind::Simulator});
  verbs.sharedBody(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
