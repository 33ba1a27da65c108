#include <filesystem>

#include <fmt/format.h>

#include "analyzers/report/text.h"
#include "app/cli/log.h"
#include "app/cli/plugin_flags.h"
#include "app/cli/task_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/evaluate/evaluate.h"
#include "app/jobs/evaluate/write_evaluation.h"

namespace switchyard::cli {

namespace {

namespace evaluation = jobs::evaluate;

struct Options {
  CommonOptions common;
  evaluation::Options job;
  std::string model, store, out;
  TaskFlags taskFlags;
  std::vector<std::string> recipes, decoders;
  std::vector<std::pair<std::string, std::string>> pairs; ///< recipe, decoder
  PluginFlags flags;
};

/// Variants in the order recipes, decoders, pairs. Flags of a decoder that is not used are refused.
base::Result<std::vector<evaluation::Variant>> variants(const Options& options) {
  std::vector<evaluation::Variant> list;
  for (const std::string& recipe : options.recipes)
    list.push_back(SY_TRY(evaluation::recipeVariant(recipe)));
  std::vector<std::string> used;
  const auto flagsOf = [&](const std::string& word) -> base::Result<plugin::OptionArguments> {
    const plugin::Manifest manifest =
        SY_TRY(options.job.registry->find(word.substr(0, word.find(':')), plugin::Kind::Decoder));
    used.push_back(manifest.shortName());
    return options.flags.of(used.back());
  };
  for (const std::string& word : options.decoders)
    list.push_back(
        SY_TRY(evaluation::decoderVariant(word, SY_TRY(flagsOf(word)), *options.job.registry)));
  for (const auto& [recipe, word] : options.pairs)
    list.push_back(SY_TRY(
        evaluation::pairVariant(recipe, word, SY_TRY(flagsOf(word)), *options.job.registry)));
  if (const std::string unused = options.flags.unusedBy(used); !unused.empty())
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("there are options for {0}, which is not used; add --decoder {0}", unused));
  return list;
}

void print(const evaluation::Evaluation& done) {
  fmt::print("{}\n", analyzers::report::toText(done.result));
  for (const char* name : {"variants", "comparisons"})
    for (const trace::Table& table : done.result.tables)
      if (table.name == name && !table.rows.empty())
        fmt::print("{}\n", analyzers::report::toText(evaluation::forReading(table), 40));
  fmt::print("{}", analyzers::report::toText(evaluation::speedTable(done), 40));
}

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  evaluation::Options& job = options.job;
  job.model = options.model;
  SY_TRY(options.taskFlags.apply(job));
  job.variants = SY_TRY(variants(options));
  job.store = options.store.empty() ? job.tasks.stem().string() + ".eval" : options.store;
  job.log = stderrLog(options.common.quiet);
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("evaluate", !options.common.quiet);
  const evaluation::Evaluation done =
      SY_TRY(evaluation::evaluate(job, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (!done.complete) {
    if (!options.common.quiet)
      fmt::print(stderr, "{}: {} of {} items done; the same command goes on\n", job.store.string(),
                 done.reused + done.ran, done.total);
    return kInterrupted;
  }
  if (options.common.json)
    fmt::print("{}", evaluation::toJson(done));
  else if (!options.common.quiet)
    print(done);
  if (!options.common.quiet)
    fmt::print(stderr, "{}: {} items run, {} were there\n", job.store.string(), done.ran,
               done.reused);
  if (options.out.empty())
    return kOk;
  const auto written = SY_TRY(evaluation::writeEvaluation(done, options.out, threads));
  if (!options.common.quiet)
    fmt::print(stderr, "{} files in {}\n", written.size(), options.out);
  return kOk;
}

} // namespace

void addEvaluate(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "evaluate", "Measure whether a changed routing or decoder answers better",
      "  switchyard evaluate data/demo-model --tasks data/tasks/arithmetic.jsonl --only "
      "style=direct "
      "--scorer exact:after=A:\n"
      "  switchyard evaluate MODEL --tasks t.jsonl --recipe boost.json --recipe mask.json --out "
      "results\n"
      "  switchyard evaluate MODEL --tasks t.jsonl --recipe boost.json --temperature 0.7 --repeats "
      "8\n"
      "  switchyard evaluate MODEL --tasks t.jsonl --decoder self-contrast --pair boost.json "
      "self-contrast\n"
      "\n"
      "A task is a JSONL row with a \"prompt\", an \"answer\" and labels; a scorer says what is "
      "right:\n"
      "  {\"prompt\": \"Q: 6*7=? A:\", \"answer\": 42, \"scorer\": \"numeric\", \"kind\": "
      "\"mul\"}\n"
      "  {\"messages\": [{\"role\": \"user\", \"content\": \"6*7=?\"}], \"answer\": 42}\n"
      "  {\"prompt\": \"The sky is\", \"choices\": [\" blue\", \" loud\"], \"answer\": 0}\n"
      "Scorers: exact, numeric, regex:pattern=P, contains, multiple-choice, perplexity.");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  verb->add_option("--recipe", options->recipes,
                   "Routing recipe (JSON) to hold against the model's own routing; repeatable")
      ->allow_extra_args(false);
  verb->add_option("--decoder", options->decoders,
                   "Decoder plugin to hold against plain decoding, NAME or NAME:OPTION=VALUE,...; "
                   "repeatable")
      ->allow_extra_args(false);
  verb->add_option("--pair", options->pairs,
                   "RECIPE DECODER: a decoder under a recipe, written as above; repeatable")
      ->type_name("RECIPE DECODER")
      ->allow_extra_args(false);
  verb->add_option("--store", options->store,
                   "File that keeps outcomes as they are made; default: name of the tasks + .eval");
  verb->add_option("--out", options->out, "Folder for evaluation.json, CSV tables and SVG figures");
  options->taskFlags.add(verb, options->job);
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->flags.add(verb, *verbs.registry(), {plugin::Kind::Decoder});
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
