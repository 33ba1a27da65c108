#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "analyzers/report/json.h"
#include "app/jobs/analyze.h"
#include "app/jobs/capture.h"
#include "app/jobs/experiment/cell.h"
#include "app/jobs/experiment/compare_result.h"
#include "app/jobs/experiment/decoder_figures.h"
#include "app/jobs/fingerprint.h"
#include "core/base/file.h"
#include "core/trace/lock_file.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

/// Where in the grid a trace stands.
struct Point {
  std::size_t model, recipe, decoder;
};

/// What a trace depends on: cells that share it have the same name for it.
std::string traceKey(const Plan& plan, const Cell& cell, const Point& at) {
  const CaptureJob& job = *plan.experiment.capture;
  const session::SamplerOptions& s = job.sampler;
  Fingerprint key;
  for (const std::string& part :
       {plan.inputs.models[at.model].hash, plan.inputs.models[at.model].tokenizerHash,
        plan.inputs.prompts[indexOf(plan.experiment.prompts, cell.set)].hash,
        plan.inputs.recipes[at.recipe], plan.inputs.decoderIds[at.decoder],
        trace::describe(job.columns),
        fmt::format("{} {} {} {} {} {} {} {} {} {}", cell.seed, job.generate,
                    job.context.value_or(0), job.addTemplate, s.temperature, s.topK, s.topP, s.minP,
                    s.repetitionPenalty, plan.experiment.recipes[at.recipe].name)})
    key.add(part);
  return key.hex();
}

Result<CaptureOptions> captureOptions(const Bench& bench, const Cell& cell, const Point& at,
                                      const std::filesystem::path& trace) {
  const Experiment& experiment = bench.plan->experiment;
  const CaptureJob& job = *experiment.capture;
  const TextSet& set = experiment.prompts[indexOf(experiment.prompts, cell.set)];
  CaptureOptions options;
  options.model = experiment.models[at.model].place.path;
  options.prompts = set.place.path;
  options.filter = filterOf(set);
  options.out = trace;
  options.columns = job.columns;
  options.generate = job.generate;
  options.context = job.context;
  options.resume = true;
  options.addTemplate = job.addTemplate;
  options.sampler = job.sampler;
  options.sampler.seed = cell.seed;
  if (const std::string& recipe = experiment.recipes[at.recipe].recipe; !recipe.empty()) {
    options.recipe = std::filesystem::path(trace).replace_extension(".recipe.json");
    SY_TRY(base::writeFileAtomically(options.recipe, recipe));
  }
  const evaluate::Variant& decoder = bench.plan->inputs.decoders[at.decoder];
  options.decoder = {decoder.decoder, decoder.arguments};
  options.registry = bench.registry;
  options.log = bench.log;
  options.models = bench.models;
  return options;
}

/// Waits until no other process (rank) makes the trace.
Result<trace::LockFile> waitFor(const std::filesystem::path& path,
                                const base::RunControl& control) {
  for (;;) {
    auto lock = trace::LockFile::acquire(path);
    if (lock || lock.error().code != base::ErrorCode::InvalidArgument)
      return lock;
    SY_TRY(control.check());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// The trace of a point, made if it is not there; one cell makes it, others wait.
Result<std::filesystem::path> ensureTrace(const Bench& bench, const Cell& cell, const Point& at,
                                          const base::ThreadContext& threads,
                                          const base::RunControl& control, std::int64_t& tokens) {
  const std::string key = traceKey(*bench.plan, cell, at);
  std::shared_ptr<std::mutex> making;
  {
    const std::lock_guard lock(bench.traces->mutex);
    auto& slot = bench.traces->making[key];
    if (!slot)
      slot = std::make_shared<std::mutex>();
    making = slot;
  }
  const std::lock_guard lock(*making);
  SY_TRY(control.check());
  const std::filesystem::path folder = bench.work / "traces";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  const std::filesystem::path trace = folder / (key + ".swy");
  const trace::LockFile made = SY_TRY(waitFor(folder / (key + ".making"), control));
  const CaptureOptions options = SY_TRY(captureOptions(bench, cell, at, trace));
  const CaptureResult result = SY_TRY(capture(options, threads, control));
  if (!result.complete)
    return base::fail(base::ErrorCode::Cancelled, "stopped on request");
  tokens += result.tokens;
  return trace;
}

void append(const std::vector<std::string>& ids, std::vector<trace::AnalysisResult> results,
            CellResult& out) {
  for (std::size_t i = 0; i < results.size(); ++i)
    out.results.push_back({ids[i], analyzers::report::toJson(results[i])});
}

} // namespace

Result<CellResult> runCapture(const Bench& bench, const Cell& cell,
                              const base::ThreadContext& threads, const base::RunControl& control) {
  const Experiment& experiment = bench.plan->experiment;
  const CaptureJob& job = *experiment.capture;
  const Point own{cell.model, cell.recipe, cell.decoder};
  CellResult out;
  AnalyzeOptions options;
  options.trace = SY_TRY(ensureTrace(bench, cell, own, threads, control, out.machine.tokens));
  options.by = job.by;
  options.markers = job.markers;
  options.model = experiment.models[cell.model].place.path;
  options.machine = job.machine;
  options.stepTokens = job.stepTokens;
  options.log = bench.log;
  if (!job.with.empty()) {
    options.with = job.with;
    Analysis analysis = SY_TRY(analyze(options, *bench.registry, threads, control));
    append(analysis.ids, std::move(analysis.results), out);
  }
  if (job.comparing) {
    const auto other = [](const std::string& name, const auto& entries, std::size_t mine) {
      return name.empty() ? mine : indexOf(entries, name);
    };
    const Point to{other(job.to.model, experiment.models, own.model),
                   other(job.to.recipe, experiment.recipes, own.recipe),
                   job.generate > 0 ? other(job.to.decoder, experiment.decoders, own.decoder) : 0};
    // A cell agrees with itself; that says nothing.
    if (to.model != own.model || to.recipe != own.recipe || to.decoder != own.decoder) {
      options.with = job.compare;
      options.reference =
          SY_TRY(ensureTrace(bench, cell, to, threads, control, out.machine.tokens));
      const CompareOptions compare{.a = options.trace, .b = options.reference, .label = job.by};
      const trace::AnalysisResult compared = compareResult(
          SY_TRY(compareTraces(compare, threads, control)), job.by, compare.resamples);
      out.results.push_back({"compare", analyzers::report::toJson(compared)});
      if (!job.compare.empty()) {
        Analysis analysis = SY_TRY(analyze(options, *bench.registry, threads, control));
        append(analysis.ids, std::move(analysis.results), out);
      }
    }
  }
  if (cell.decoder > 0)
    if (auto figures = SY_TRY(decoderFigures(options.trace, job.by, threads)))
      out.results.push_back({"decoder", analyzers::report::toJson(*figures)});
  return out;
}

} // namespace switchyard::jobs::experiment
