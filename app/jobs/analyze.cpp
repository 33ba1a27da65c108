#include "app/jobs/analyze.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/jobs/command_line.h"
#include "app/jobs/markers.h"
#include "app/jobs/reference.h"
#include "app/jobs/simulate.h"
#include "app/jobs/text.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using plugin::Kind;

/// A request with its sidecar and checked options.
struct Plan {
  plugin::Manifest manifest;
  plugin::OptionArguments arguments;
  plugin::OptionValues values;
};

bool hasOption(const Plan& plan, std::string_view name) {
  return std::ranges::find(plan.manifest.options, name, &plugin::OptionSpec::name) !=
         plan.manifest.options.end();
}

bool wasGiven(const Plan& plan, std::string_view name) {
  return std::ranges::any_of(plan.arguments,
                             [&](const auto& argument) { return argument.first == name; });
}

/// Markers as token ids, for a plugin that looks for markers and was given none.
Result<plugin::OptionArguments> markersFor(const AnalyzeOptions& options,
                                           const trace::TraceMeta& meta) {
  const std::filesystem::path model = options.model.empty() ? meta.modelPath : options.model.string();
  auto tokenizer = loadTokenizer(model);
  if (!tokenizer) {
    base::Error error = std::move(tokenizer).error();
    error.message += "; markers are text, so name the traced model's folder with --model";
    return tl::unexpected<base::Error>(std::move(error));
  }
  return markerArguments(options.markers.empty() ? defaultMarkers() : options.markers, *tokenizer);
}

Result<Plan> plan(const AnalysisRequest& request, const AnalyzeOptions& options,
                  const trace::TraceMeta& meta, const plugin::Registry& registry) {
  Plan plan;
  plan.manifest = SY_TRY(registry.find(request.plugin, std::nullopt));
  if (!plan.manifest.has(Kind::Analyzer) && !plan.manifest.has(Kind::Simulator))
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" is neither an analyzer nor a simulator", request.plugin));
  plan.arguments = request.options;
  if (hasOption(plan, "label") && !wasGiven(plan, "label") && !options.by.empty())
    plan.arguments.emplace_back("label", options.by);
  if (hasOption(plan, "markers") && !wasGiven(plan, "markers"))
    std::ranges::copy(SY_TRY(markersFor(options, meta)), std::back_inserter(plan.arguments));
  // Balance losses and entropies read router logits as the traced gate does.
  if (hasOption(plan, "probabilities") && !wasGiven(plan, "probabilities") &&
      meta.gate == trace::GateKind::Sigmoid)
    plan.arguments.emplace_back("probabilities", "sigmoid");
  plan.values = SY_TRY(
      plugin::parseOptions(plan.manifest.options, plan.arguments, plan.manifest.shortName()));
  return plan;
}

Result<std::vector<Plan>> planAll(const AnalyzeOptions& options, const trace::TraceMeta& meta,
                                  const plugin::Registry& registry) {
  std::vector<AnalysisRequest> requests = options.with;
  if (requests.empty())
    for (const std::string& name : defaultAnalyzers())
      requests.push_back({name});
  std::vector<Plan> plans;
  for (const AnalysisRequest& request : requests) {
    plans.push_back(SY_TRY(plan(request, options, meta, registry)));
    const auto same = [&](const Plan& other) {
      return other.manifest.id == plans.back().manifest.id;
    };
    if (std::ranges::count_if(plans, same) > 1)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("\"{}\" is named twice", request.plugin));
  }
  return plans;
}

/// What plugins get: their calls come from several threads, progress is reported from one.
base::RunControl onThisThread(const base::RunControl& control) {
  base::RunControl only{.progress = {}, .stop = control.stop};
  if (control.progress)
    only.progress = [report = control.progress, owner = std::this_thread::get_id()](
                        std::int64_t done, std::int64_t total, std::string_view phase) {
      if (std::this_thread::get_id() == owner)
        report(done, total, phase);
    };
  return only;
}

using Results = std::vector<Result<trace::AnalysisResult>>;

/// The results of the analyzers that were made, side by side; nothing for the others.
Results resultsOf(const std::vector<std::unique_ptr<trace::Analyzer>>& made,
                  const base::ThreadContext& threads) {
  Results results(made.size());
  threads.parallelFor(static_cast<std::int64_t>(made.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    if (made[at])
      results[at] = made[at]->result();
  });
  return results;
}

std::string commandLine(const AnalyzeOptions& options, const std::vector<Plan>& plans) {
  std::vector<std::string> names;
  std::string flags;
  for (const Plan& plan : plans) {
    names.push_back(plan.manifest.shortName());
    for (const auto& [option, value] : plan.arguments)
      flags += fmt::format(" --{}.{} {}", names.back(), option, shellQuoted(value));
  }
  std::string line = fmt::format("switchyard analyze {} --with {}{}",
                                 shellQuoted(options.trace.string()), fmt::join(names, ","), flags);
  if (!options.reference.empty())
    line += fmt::format(" --reference {}", shellQuoted(options.reference.string()));
  if (options.stepTokens != 1)
    line += fmt::format(" --step-tokens {}", options.stepTokens);
  line += flagsOf(options.rows);
  return line;
}

} // namespace

std::vector<std::string> defaultAnalyzers() {
  return {"specialization", "load", "coactivation", "transitions"};
}

Result<Analysis> analyze(const AnalyzeOptions& options, plugin::Registry& registry,
                         const base::ThreadContext& threads, const base::RunControl& control) {
  const auto trace = SY_TRY(trace::Trace::open(options.trace));
  const std::vector<Plan> plans = SY_TRY(planAll(options, trace->meta(), registry));
  plugin::HostContext context;
  context.log = options.log;
  context.control = onThisThread(control);
  // Their own: a plugin whose result() was given up may still hold them.
  context.threads = std::make_shared<const base::ThreadContext>(threads.threads());

  std::shared_ptr<const trace::Trace> reference;
  if (!options.reference.empty())
    reference = SY_TRY(trace::Trace::open(options.reference));
  std::shared_ptr<const std::vector<std::int64_t>> starts;
  if (!options.rows.isEmpty())
    starts = SY_TRY(rowStarts(*trace));
  std::vector<std::unique_ptr<trace::Analyzer>> made(plans.size());
  std::vector<trace::Analyzer*> analyzers;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!plans[i].manifest.has(Kind::Analyzer))
      continue;
    made[i] = SY_TRY(registry.analyzer(plans[i].manifest.id, plans[i].values, context));
    if (reference)
      made[i] = withReference(std::move(made[i]), reference);
    if (starts)
      made[i] = withRows(std::move(made[i]), trace, starts, options.rows);
    analyzers.push_back(made[i].get());
  }
  trace::ScanSummary summary;
  Analysis analysis;
  if (!analyzers.empty()) {
    trace::ScanOptions scanOptions;
    scanOptions.filter.description = options.rows.description();
    auto scanned = trace::scan(trace, analyzers, threads, scanOptions, control);
    analysis.partial = !scanned && options.keepPartial && scanned.error().code == ErrorCode::Cancelled;
    if (!scanned && !analysis.partial)
      return tl::unexpected<base::Error>(std::move(scanned).error());
    if (scanned)
      summary = *scanned;
    else
      summary.filter = "the first part of the trace, stopped on request";
  }

  Results results = resultsOf(made, threads);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    trace::AnalysisResult result;
    if (made[i]) {
      result = SY_TRY(std::move(results[i]));
      result.provenance.filter = summary.filter;
    } else {
      if (starts)
        return base::fail(ErrorCode::InvalidArgument,
                          fmt::format("\"{}\" replays whole traces and cannot be limited to some tokens",
                                      plans[i].manifest.shortName()));
      const auto simulator =
          SY_TRY(registry.simulator(plans[i].manifest.id, plans[i].values, context));
      result = SY_TRY(simulate(*trace, *simulator, options.machine, options.stepTokens, control));
    }
    result.provenance.version = plans[i].manifest.version;
    result.provenance.options = plugin::describe(plans[i].values);
    analysis.ids.push_back(plans[i].manifest.shortName());
    analysis.results.push_back(std::move(result));
  }
  analysis.traceId = trace->id();
  analysis.notices = trace->notices();
  analysis.command = commandLine(options, plans);
  return analysis;
}

} // namespace switchyard::jobs
