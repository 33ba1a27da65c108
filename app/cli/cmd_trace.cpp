#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/facts.h"
#include "app/cli/trace_cat.h"
#include "app/cli/verb.h"
#include "app/jobs/export_trace.h"
#include "core/trace/doctor.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string trace;
};

std::shared_ptr<Options> traceArgument(CLI::App* verb) {
  auto options = std::make_shared<Options>();
  verb->add_option("trace", options->trace, "A .swy trace")->required();
  return options;
}

void addTraceInfo(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add("info", "What a trace holds and where it comes from",
                             "  switchyard trace info demo.swy\n"
                             "  switchyard trace info demo.swy --json",
                             parent);
  auto options = traceArgument(verb);
  addJson(verb, options->common);
  verbs.body(
      verb, [options](const Run&) { return printTraceInfo(options->trace, options->common.json); });
}

void printFindings(const trace::DoctorReport& report, bool quiet) {
  for (const trace::Finding& finding : report.findings) {
    if (quiet && finding.verdict < trace::Verdict::Suspect)
      continue;
    fmt::print("{:<8} {:<24} {}\n", trace::name(finding.verdict), finding.check, finding.evidence);
    if (!finding.remedy.empty())
      fmt::print("{:<8} {:<24} -> {}\n", "", "", finding.remedy);
  }
  fmt::print("verdict: {}\n", trace::name(report.verdict()));
}

base::Result<int> check(const Options& options, bool filesOnly, const Run& run) {
  SY_TRY(checkThreads(options.common));
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("check", !options.common.quiet);
  const trace::DoctorReport report = SY_TRY(trace::checkTrace(
      options.trace, threads, {.content = !filesOnly}, {bar.callback(), run.stop}));
  bar.clear();
  if (options.common.json) {
    nlohmann::json findings = nlohmann::json::array();
    for (const trace::Finding& finding : report.findings)
      findings.push_back({{"check", finding.check},
                          {"verdict", trace::name(finding.verdict)},
                          {"evidence", finding.evidence},
                          {"remedy", finding.remedy},
                          {"count", finding.count}});
    fmt::print("{}\n", nlohmann::json{{"trace", options.trace},
                                      {"verdict", trace::name(report.verdict())},
                                      {"findings", findings}}
                           .dump(2));
  } else {
    printFindings(report, options.common.quiet);
  }
  return report.verdict() >= trace::Verdict::Suspect ? kCheckFailed : kOk;
}

void addTraceCheck(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add("check", "The trace doctor: is this trace whole and plausible?",
                             "  switchyard trace check demo.swy\n"
                             "  switchyard trace check demo.swy --files-only --json\n"
                             "\n"
                             "Exit code 3 if something is suspect or bad.",
                             parent);
  auto options = traceArgument(verb);
  auto filesOnly = std::make_shared<bool>(false);
  verb->add_flag("--files-only", *filesOnly, "Check the file and its checksums, not the rows");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb,
             [options, filesOnly](const Run& run) { return check(*options, *filesOnly, run); });
}

void addTraceCat(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add("cat", "Print routing, a line per token and layer",
                             "  switchyard trace cat demo.swy --sequence 0 --tokens 0:8\n"
                             "  switchyard trace cat demo.swy --layers 3,5 --limit 100 --json\n"
                             "  switchyard trace cat contrast.swy --figures\n"
                             "  switchyard trace cat contrast.swy --distributions --top 3",
                             parent);
  auto options = traceArgument(verb);
  auto cat = std::make_shared<CatOptions>();
  verb->add_option("--sequence", cat->sequence, "Index of one sequence; default: all");
  verb->add_option("--layers", cat->layers, "Positions in the stack; default: all MoE layers")
      ->delimiter(',');
  verb->add_option("--tokens", cat->tokens, "Token positions FIRST:END of each sequence");
  verb->add_flag("--figures", cat->figures,
                 "What the decoder recorded of each generated token, instead of routing");
  auto* distributions = verb->add_flag(
      "--distributions", cat->distributions,
      "The likeliest tokens of the distributions that each generated token was chosen "
      "from, instead of routing");
  verb->add_option("--top", cat->top, "Tokens of each distribution")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000))
      ->needs(distributions);
  verb->add_option("--limit", cat->limit, "Stop after this many lines; 0 = no limit")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  addJson(verb, options->common);
  verbs.body(verb, [options, cat](const Run& run) -> base::Result<int> {
    cat->json = options->common.json;
    SY_TRY(catTrace(options->trace, *cat, run.stop));
    return kOk;
  });
}

void addTraceExport(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb =
      verbs.add("export", "Write a trace as safetensors, npz, csv or jsonl",
                "  switchyard trace export demo.swy --format safetensors --out demo.safetensors\n"
                "  switchyard trace export demo.swy --format csv --out demo.csv",
                parent);
  auto options = traceArgument(verb);
  auto format = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  verb->add_option("--format", *format, "safetensors, npz, csv or jsonl")
      ->required()
      ->check(CLI::IsMember({"safetensors", "npz", "csv", "jsonl"}));
  verb->add_option("--out", *out, "File to write; default: the trace's name with that suffix");
  auto overwrite = std::make_shared<bool>(false);
  verb->add_flag("--overwrite", *overwrite, "Replace an existing file");
  addQuiet(verb, options->common);
  verbs.body(verb, [options, format, out, overwrite](const Run& run) -> base::Result<int> {
    jobs::ExportOptions job;
    job.format = SY_TRY(jobs::parseExportFormat(*format));
    job.out = *out;
    job.overwrite = *overwrite;
    if (job.out.empty())
      job.out = std::filesystem::path(options->trace).replace_extension(*format);
    const auto trace = SY_TRY(trace::Trace::open(options->trace));
    ProgressBar bar("export", !options->common.quiet);
    const jobs::ExportSummary summary =
        SY_TRY(jobs::exportTrace(trace, job, {bar.callback(), run.stop}));
    bar.clear();
    for (const std::string& column : summary.leftOut)
      fmt::print(stderr, "left out: {} ({} has no place for it)\n", column, *format);
    if (!options->common.quiet)
      fmt::print(stderr, "{}: {} sequences, {} tokens, {}\n", job.out.string(), summary.sequences,
                 summary.tokens, humanBytes(std::filesystem::file_size(job.out)));
    return kOk;
  });
}

} // namespace

void addTrace(VerbSet& verbs) {
  CLI::App* parent = verbs.add("trace", "Look into, check and export traces",
                               "  switchyard trace info demo.swy\n"
                               "  switchyard trace check demo.swy\n"
                               "  switchyard trace cat demo.swy --sequence 0 --tokens 0:8\n"
                               "  switchyard trace export demo.swy --format npz");
  parent->require_subcommand(1);
  addTraceInfo(verbs, parent);
  addTraceCheck(verbs, parent);
  addTraceExport(verbs, parent);
  addTraceCat(verbs, parent);
}

} // namespace switchyard::cli
