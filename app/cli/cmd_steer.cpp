#include <filesystem>

#include <fmt/format.h>

#include "analyzers/report/text.h"
#include "app/cli/log.h"
#include "app/cli/task_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/steer/steer.h"

namespace switchyard::cli {

namespace {

namespace steering = jobs::steer;

struct Options {
  CommonOptions common;
  steering::Options job;
  TaskFlags taskFlags;
  std::string model, trace, prompts, out = "steering";
  std::string top, minExpert, minBoth, position;
};

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  steering::Options& job = options.job;
  job.evaluation.model = options.model;
  SY_TRY(options.taskFlags.apply(job.evaluation));
  job.evaluation.log = stderrLog(options.common.quiet);
  job.trace = options.trace;
  job.prompts = options.prompts;
  job.out = options.out;
  for (const auto& [name, value] : {std::pair{"top", &options.top},
                                    {"min-expert", &options.minExpert},
                                    {"min-both", &options.minBoth},
                                    {"position", &options.position}})
    if (!value->empty())
      job.npmi.emplace_back(name, *value);
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("steer", !options.common.quiet);
  const steering::Steering done = SY_TRY(steering::steer(job, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (!done.complete) {
    if (!options.common.quiet)
      fmt::print(stderr, "{}: incomplete; the same command goes on\n", options.out);
    return kInterrupted;
  }
  if (options.common.json) {
    fmt::print("{}", steering::toJson(done));
  } else if (!options.common.quiet) {
    fmt::print("{}\n", analyzers::report::toText(done.result));
    for (const trace::Table& table : done.result.tables)
      fmt::print("{}\n", analyzers::report::toText(table, 40));
    fmt::print(stderr, "everything is in {}\n", options.out);
  }
  return kOk;
}

} // namespace

void addSteer(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.evaluation.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "steer", "nPMI steering from marked responses to a curve with random controls",
      "  switchyard steer data/demo-model --tasks data/tasks/arithmetic.jsonl --only style=think "
      "--identify 100 --limit 200 --scorer exact:after=A: --out steering\n"
      "  switchyard steer MODEL --trace responses.swy --tasks t.jsonl --marker '<think>=1' "
      "--marker "
      "'</think>=-1' --top 2 --multipliers 4,64\n"
      "\n"
      "Captures responses with markers, ranks experts by how much they go with them, multiplies "
      "the\n"
      "gate weights of the best, and evaluates that against the model as it is and against random\n"
      "experts of the same layers that are used as often. The folder keeps every file in between.");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  auto* trace = verb->add_option("--trace", options->trace, "Trace of marked responses");
  verb->add_option("--prompts", options->prompts, "Prompts whose responses to capture instead")
      ->excludes(trace);
  verb->add_option("--identify", options->job.identify,
                   "Without both: that many tasks, from the first, are the prompts and are not "
                   "evaluated")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--marker", options->job.markers,
                   "TEXT=COEFFICIENT; default: <think>=1 and </think>=-1")
      ->allow_extra_args(false);
  verb->add_option("--top", options->top, "Experts to steer; default: 2");
  verb->add_option("--min-expert", options->minExpert,
                   "Tokens that must have selected an expert; default: 50");
  verb->add_option("--min-both", options->minBoth,
                   "Markers that must have selected it; default: 5");
  verb->add_option("--position", options->position,
                   "Which token of a marker of several counts: last (default) or any");
  verb->add_option("--multipliers", options->job.multipliers, "Of the gate weights, ascending")
      ->delimiter(',')
      ->capture_default_str();
  verb->add_option("--where", options->job.where, "What is multiplied")
      ->check(CLI::IsMember({"post-norm", "pre-norm", "logit"}))
      ->capture_default_str();
  verb->add_option("--controls", options->job.controls, "Sets of random experts")
      ->capture_default_str();
  verb->add_option("--control-seed", options->job.seed, "Of the choice of random experts")
      ->capture_default_str();
  verb->add_option("--out", options->out, "Folder for everything that is made")
      ->capture_default_str();
  options->taskFlags.add(verb, options->job.evaluation);
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
