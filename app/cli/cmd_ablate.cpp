#include <filesystem>

#include <fmt/format.h>

#include "analyzers/report/csv.h"
#include "analyzers/report/text.h"
#include "app/cli/verb.h"
#include "app/jobs/ablate/ablate.h"
#include "app/jobs/write_analysis.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::ablate::AblateOptions job;
  std::string model, tasks, trace, out;
  bool csv = false;
  bool noTemplate = false;
};

base::Result<int> run(Options options, const std::shared_ptr<plugin::Registry>& registry,
                      const Run& run) {
  SY_TRY(checkThreads(options.common));
  options.job.model = options.model;
  options.job.tasks = options.tasks;
  options.job.trace = options.trace;
  options.job.out = options.out;
  options.job.addTemplate = !options.noTemplate;
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("ablate", !options.common.quiet);
  const auto analysis =
      jobs::ablate::ablate(options.job, registry, threads, {bar.callback(), run.stop});
  bar.clear();
  if (!analysis && analysis.error().code == base::ErrorCode::Cancelled && !options.out.empty())
    fmt::print(stderr, "stopped; --resume goes on with the expert that was running\n");
  if (!analysis)
    return tl::unexpected<base::Error>(analysis.error());
  const trace::AnalysisResult& result = analysis->results.front();
  if (options.common.json)
    fmt::print("{}", jobs::toJson(*analysis));
  else if (options.csv)
    fmt::print("{}", analyzers::report::toCsv(result.tables.front()));
  else if (!options.common.quiet)
    fmt::print("{}", analyzers::report::toText(result, {.maxRows = 20}));
  if (options.out.empty())
    return kOk;
  const auto written = SY_TRY(jobs::writeAnalysis(*analysis, options.out, threads));
  if (!options.common.quiet)
    fmt::print(stderr, "\n{} files in {}\n", written.size(), options.out);
  return kOk;
}

} // namespace

void addAblate(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  jobs::ablate::AblateOptions& job = options->job;
  CLI::App* verb = verbs.add(
      "ablate", "What the model loses without each expert, beside how often it is selected",
      "  switchyard ablate data/demo-model --text data/prompts/domains.jsonl --by domain "
      "--limit 24 --out ablation\n"
      "  switchyard ablate data/demo-model --text a.txt --experts 5:19,3:7 --mode route-around "
      "--json\n"
      "  switchyard ablate data/demo-model --tasks data/tasks/arithmetic.jsonl --limit 50 "
      "--experts top:8 --out on-tasks\n"
      "  switchyard ablate data/demo-model --text data/prompts/domains.jsonl --experts "
      "all-of-layer:5 --out ablation --resume");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  auto* text = verb->add_option(
      "--text", job.texts,
      "Text files, JSONL files (rows with text or token_ids), or folders of them: effects on loss");
  auto* tasks = verb->add_option("--tasks", options->tasks,
                                 "JSONL file of tasks: effects on scores and answers");
  text->excludes(tasks);
  verb->add_option("--scorer", job.scorer, "Scorer of tasks that name none, e.g. exact:after=A:")
      ->needs(tasks);
  verb->add_option("--experts", job.experts,
                   "top:N (most selected), all-of-layer:N, all, or a list 5:19,3:7")
      ->capture_default_str();
  verb->add_option("--mode", job.mode,
                   "zero (no contribution), zero-renorm (the others share its weight) or "
                   "route-around (the gate chooses others)")
      ->capture_default_str();
  verb->add_option("--only", job.only, "LABEL=VALUE: documents or tasks with this label only");
  verb->add_option("--skip", job.skip, "Of those, leave the first N out")->capture_default_str();
  verb->add_option("--limit", job.limit, "Of the rest, the first N; 0 = all")
      ->capture_default_str();
  verb->add_option("--trace", options->trace,
                   "Take affinities from this trace; default: counted on the same text");
  verb->add_option("--by", job.by, "Label for specialization: its largest share gap");
  verb->add_option("--marker", job.markers,
                   "TEXT=COEFFICIENT of a marker for nPMI; default: <think>=1 and </think>=-1");
  verb->add_option("--context", job.context,
                   "Cut documents into windows of this many tokens; default: the model's "
                   "positions");
  verb->add_option("--max-tokens", job.maxTokens, "Tokens of an answer at most")
      ->capture_default_str();
  verb->add_option("--jobs", job.jobs, "Tasks answered at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  verb->add_option("--seed", job.seed, "Of bootstrap and random signs")->capture_default_str();
  verb->add_option("--out", options->out,
                   "Folder for analysis.json, CSV tables, SVG figures, and the record that a run "
                   "continues from");
  verb->add_flag("--resume", job.resume, "Continue an interrupted run in --out");
  verb->add_flag("--overwrite", job.overwrite, "Replace what is in --out");
  verb->add_flag("--no-template", options->noTemplate, "Do not add the tokenizer's BOS and EOS");
  verb->add_flag("--csv", options->csv, "Print the table of experts as CSV on standard output");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options, registry = verbs.registry()](const Run& r) {
    return run(*options, registry, r);
  });
}

} // namespace switchyard::cli
