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
  std::string out, thresholds, figures, paper = "a4";
  std::optional<std::size_t> rows;
  bool noDoctor = false;
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

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  jobs::report::ReportOptions& job = options.job;
  job.results.assign(options.results.begin(), options.results.end());
  job.thresholds = options.thresholds;
  job.doctor = !options.noDoctor;
  job.to.file = options.out;
  job.to.figures = options.figures;
  job.to.paper = options.paper == "letter" ? jobs::report::Paper::Letter : jobs::report::Paper::A4;
  job.to.rows = options.rows;
  ProgressBar bar("report", !options.common.quiet);
  const auto summary = jobs::report::writeReport(job, base::ThreadContext(options.common.threads),
                                                 {bar.callback(), run.stop});
  bar.clear();
  if (!summary)
    return tl::unexpected(summary.error());
  if (options.common.json)
    fmt::print("{}\n", json(*summary));
  else {
    if (!options.common.quiet)
      fmt::print("{}: {} figures, {} tables\n", options.out.empty() ? options.figures : options.out,
                 summary->figures, summary->tables);
    for (const jobs::report::Check& each : summary->checks)
      if (!each.passed || !options.common.quiet)
        fmt::print("{} {}: {}\n", each.passed ? "passed" : "FAILED", each.name, each.sentence);
  }
  return summary->passed() ? kOk : kCheckFailed;
}

} // namespace

void addReport(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = verbs.add(
      "report", "Results as one page to read, share and check in CI",
      "  switchyard report analysis --out report.html\n"
      "  switchyard report analysis similarity --title \"Early against final\" --out r.md\n"
      "  switchyard report analysis --out report.pdf --paper letter --rows 50\n"
      "  switchyard report analysis --figures pictures --figure-format svg\n"
      "  switchyard report analysis --check thresholds.json --out report.html");
  verb->add_option("results", options->results,
                   "Folders that a verb wrote with --out, or the .json files in them")
      ->required();
  verb->add_option("--out", options->out, "The report: .html, .md or .pdf");
  verb->add_option("--figures", options->figures, "A folder for each figure as a file of its own");
  verb->add_option("--figure-format", options->job.to.figureFormat, "Of --figures: png, svg or pdf")
      ->capture_default_str()
      ->check(CLI::IsMember({"png", "svg", "pdf"}));
  verb->add_option("--title", options->job.title, "Its title; default: Switchyard report");
  verb->add_option("--question", options->job.question, "What it is to answer, below the title");
  verb->add_option("--note", options->job.notes, "A paragraph of yours; may be repeated");
  verb->add_option("--check", options->thresholds,
                   "JSON file of bounds; the program ends with 3 when a number crosses one");
  verb->add_option("--rows", options->rows,
                   "Rows of each table in .pdf and .md, 0: all; default: 50 and 20");
  verb->add_option("--paper", options->paper, "Of a PDF: a4 or letter")
      ->capture_default_str()
      ->check(CLI::IsMember({"a4", "letter"}));
  verb->add_flag("--no-doctor", options->noDoctor,
                 "Do not let the trace doctor read the traces that the results were made of");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run& given) { return run(*options, given); });
}

} // namespace switchyard::cli
