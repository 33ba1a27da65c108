#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "app/jobs/report/report.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::report::ReportOptions job;
  std::vector<std::string> results;
  std::string out, thresholds;
};

std::string json(const jobs::report::ReportSummary& summary) {
  nlohmann::json files = nlohmann::json::array(), checks = nlohmann::json::array();
  for (const auto& file : summary.files)
    files.push_back(file.string());
  for (const jobs::report::Check& each : summary.checks)
    checks.push_back({{"name", each.name}, {"passed", each.passed}, {"says", each.sentence}});
  return nlohmann::json({{"files", files},
                         {"figures", summary.figures},
                         {"tables", summary.tables},
                         {"checks", checks},
                         {"passed", summary.passed()}})
      .dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<int> run(Options options) {
  options.job.results.assign(options.results.begin(), options.results.end());
  options.job.out = options.out;
  options.job.thresholds = options.thresholds;
  const jobs::report::ReportSummary summary = SY_TRY(jobs::report::writeReport(options.job));
  if (options.common.json)
    fmt::print("{}\n", json(summary));
  else {
    if (!options.common.quiet)
      fmt::print("{}: {} figures, {} tables\n", options.out, summary.figures, summary.tables);
    for (const jobs::report::Check& each : summary.checks)
      if (!each.passed || !options.common.quiet)
        fmt::print("{} {}: {}\n", each.passed ? "passed" : "FAILED", each.name, each.sentence);
  }
  return summary.passed() ? kOk : kCheckFailed;
}

} // namespace

void addReport(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      verbs.add("report", "Results as one page to read, share and check in CI",
                "  switchyard report analysis --out report.html\n"
                "  switchyard report analysis similarity --title \"Early against final\" --out r.md\n"
                "  switchyard report analysis --check thresholds.json --out report.html");
  verb->add_option("results", options->results,
                   "Folders that a verb wrote with --out, or the .json files in them")
      ->required();
  verb->add_option("--out", options->out, "The report: .html or .md")->required();
  verb->add_option("--title", options->job.title, "Its title; default: Switchyard report");
  verb->add_option("--question", options->job.question, "What it is to answer, below the title");
  verb->add_option("--note", options->job.notes, "A paragraph of yours; may be repeated");
  verb->add_option("--check", options->thresholds,
                   "JSON file of bounds; the program ends with 3 when a number crosses one");
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run&) { return run(*options); });
}

} // namespace switchyard::cli
