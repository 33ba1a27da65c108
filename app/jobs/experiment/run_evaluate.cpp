#include <fmt/format.h>

#include "app/jobs/evaluate/evaluate.h"
#include "app/jobs/experiment/cell.h"
#include "app/jobs/experiment/evaluation.h"
#include "app/jobs/experiment/outcomes.h"

namespace switchyard::jobs::experiment {

using base::Result;

evaluate::Options evaluateOptions(const Plan& plan, const Cell& cell) {
  const Experiment& experiment = plan.experiment;
  const EvaluateJob& job = *experiment.evaluate;
  const TaskEntry& tasks = experiment.tasks[indexOf(experiment.tasks, cell.set)];
  evaluate::Options options;
  options.model = experiment.models[cell.model].place.path;
  options.tasks = tasks.place.path;
  options.filter = filterOf(tasks);
  options.repeats = job.repeats;
  options.settings.maxTokens = tasks.maxTokens;
  options.settings.sampler = job.sampler;
  options.settings.sampler.seed = cell.seed;
  options.settings.stop = job.stop;
  options.settings.addTemplate = job.addTemplate;
  options.tests.resamples = job.resamples;
  options.alpha = job.alpha;
  return options;
}

Result<CellResult> runEvaluate(const Bench& bench, const Cell& cell,
                               const base::ThreadContext& threads,
                               const base::RunControl& control) {
  evaluate::Options options = evaluateOptions(*bench.plan, cell);
  options.registry = bench.registry;
  options.log = bench.log;
  options.models = bench.models;
  options.store = SY_TRY(folderOf(bench, cell)) / "answers.eval";
  const evaluate::Ran ran =
      SY_TRY(evaluate::runVariants(options, {variantOf(*bench.plan, cell)}, threads, control));
  if (!ran.complete)
    return base::fail(base::ErrorCode::Cancelled, "stopped on request");
  CellResult out;
  const std::vector<evaluate::Outcome>& outcomes = ran.measured.outcomes.front();
  for (const evaluate::Outcome& outcome : outcomes)
    out.machine.tokens += outcome.tokens;
  out.outcomes = outcomesToJson(outcomes);
  return out;
}

} // namespace switchyard::jobs::experiment
