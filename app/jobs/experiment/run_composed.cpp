#include <fmt/format.h>

#include "analyzers/report/json.h"
#include "app/jobs/ablate/ablate.h"
#include "app/jobs/experiment/cell.h"
#include "app/jobs/steer/steer.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

/// Which items a result is of, without a folder of this machine.
void sayFilter(trace::AnalysisResult& result, std::size_t items, const TextSet& set) {
  result.provenance.filter = fmt::format("{} items of {}", items, set.place.written);
}

} // namespace

Result<CellResult> runSteer(const Bench& bench, const Cell& cell,
                            const base::ThreadContext& threads, const base::RunControl& control) {
  const Experiment& experiment = bench.plan->experiment;
  const SteerJob& job = *experiment.steer;
  const TaskEntry& tasks = experiment.tasks[indexOf(experiment.tasks, cell.set)];
  steer::Options options;
  options.evaluation.model = experiment.models[cell.model].place.path;
  options.evaluation.tasks = tasks.place.path;
  options.evaluation.filter = filterOf(tasks);
  options.evaluation.settings.maxTokens = tasks.maxTokens;
  options.evaluation.registry = bench.registry;
  options.evaluation.log = bench.log;
  options.evaluation.models = bench.models;
  options.out = SY_TRY(folderOf(bench, cell));
  if (!job.prompts.empty()) {
    const TextSet& set = experiment.prompts[indexOf(experiment.prompts, job.prompts)];
    options.prompts = set.place.path;
    options.promptFilter = filterOf(set);
  }
  options.identify = job.identify;
  options.markers = job.markers;
  options.npmi = job.npmi;
  options.multipliers = job.multipliers;
  options.where = job.where;
  options.controls = static_cast<int>(job.controls);
  options.seed = cell.seed;
  steer::Steering steering = SY_TRY(steer::steer(options, threads, control));
  if (!steering.complete)
    return base::fail(base::ErrorCode::Cancelled, "stopped on request");
  CellResult out;
  for (const evaluate::Speed& speed : steering.evaluation.speed)
    out.machine.tokens += speed.tokens;
  const std::size_t items = steering.evaluation.measured.tasks.size();
  sayFilter(steering.result, items, tasks);
  sayFilter(steering.evaluation.result, items, tasks);
  out.results = {{"steer", analyzers::report::toJson(steering.result)},
                 {"evaluate", analyzers::report::toJson(steering.evaluation.result)}};
  return out;
}

Result<CellResult> runAblate(const Bench& bench, const Cell& cell,
                             const base::ThreadContext& threads, const base::RunControl& control) {
  const Experiment& experiment = bench.plan->experiment;
  const AblateJob& job = *experiment.ablate;
  ablate::AblateOptions options;
  options.model = experiment.models[cell.model].place.path;
  const TextSet* set = nullptr;
  if (job.prompts.empty()) {
    const TaskEntry& tasks = experiment.tasks[indexOf(experiment.tasks, cell.set)];
    options.tasks = tasks.place.path;
    options.scorer = tasks.scorer;
    options.maxTokens = tasks.maxTokens;
    set = &tasks;
  } else {
    set = &experiment.prompts[indexOf(experiment.prompts, cell.set)];
    options.texts = {set->place.path.string()};
  }
  if (!set->label.empty())
    options.only = set->label + "=" + set->value;
  options.skip = set->skip;
  options.limit = set->limit;
  options.experts = job.experts;
  options.mode = job.mode;
  options.by = job.by;
  options.markers = job.markers;
  options.context = job.context;
  options.out = SY_TRY(folderOf(bench, cell));
  options.resume = true;
  options.seed = cell.seed;
  options.jobs = threads.threads();
  options.models = bench.models;
  const Analysis analysis = SY_TRY(ablate::ablate(options, bench.registry, threads, control));
  CellResult out;
  out.machine.tokens = static_cast<std::int64_t>(cell.cost.tokens());
  for (std::size_t i = 0; i < analysis.results.size(); ++i)
    out.results.push_back({analysis.ids[i], analyzers::report::toJson(analysis.results[i])});
  return out;
}

} // namespace switchyard::jobs::experiment
