#include "app/jobs/analyze_open.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/jobs/analyze_plan.h"
#include "app/jobs/analyze_ranks.h"
#include "app/jobs/layer_filter.h"
#include "app/jobs/opened_trace.h"
#include "app/jobs/reference.h"
#include "app/jobs/simulate.h"
#include "core/base/version.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using plugin::Kind;

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

/// Everything that an analysis needs, opened and checked; the same on every rank.
struct Setup {
  std::shared_ptr<const trace::Trace> trace;
  std::vector<AnalysisPlan> plans;
  plugin::HostContext context;
  /// One for each plan; null for a simulator. In two groups: those that several processes can
  /// share, and those that rank 0 has to run alone.
  std::vector<std::unique_ptr<trace::Analyzer>> made;
  std::vector<trace::Analyzer*> shared, alone;
  trace::ScanOptions scan;
};

/// Rows and layers in words; empty: all.
std::string descriptionOf(const RowFilter& rows, const std::vector<int>& moeLayers,
                          const trace::TraceMeta& meta) {
  std::string text = rows.description();
  for (std::size_t i = 0; i < moeLayers.size(); ++i)
    if (const auto layer = static_cast<std::size_t>(moeLayers[i]); layer < meta.layers.size())
      text += fmt::format("{}{}",
                          i > 0          ? " "
                          : text.empty() ? "layers "
                                         : ", layers ",
                          meta.layers[layer].layer);
  return text;
}

Result<Setup> prepare(const AnalyzeOptions& options, const OpenAnalysis& open,
                      plugin::Registry& registry, const base::ThreadContext& threads,
                      const base::RunControl& control) {
  Setup setup;
  setup.trace = SY_TRY(traceAt(options.trace, open.trace));
  setup.plans = SY_TRY(planAnalyses(options, setup.trace->meta(), registry));
  setup.context.log = options.log;
  setup.context.control = onThisThread(control);
  // Their own: a plugin whose result() was given up may still hold them.
  setup.context.threads = std::make_shared<const base::ThreadContext>(threads.threads());
  setup.scan.filter.description = descriptionOf(options.rows, open.moeLayers, setup.trace->meta());
  setup.scan.filter.moeLayers = open.moeLayers;
  if (!open.moeLayers.empty() && !options.reference.empty())
    return base::fail(ErrorCode::InvalidArgument, "two traces are compared in all of their layers");
  std::shared_ptr<const trace::Trace> reference;
  if (!options.reference.empty())
    reference = SY_TRY(trace::Trace::open(options.reference));
  std::shared_ptr<const std::vector<std::int64_t>> starts;
  if (!options.rows.isEmpty())
    starts = SY_TRY(rowStarts(*setup.trace));
  if (starts)
    setup.scan.filter.index = [starts, rows = options.rows](std::int64_t sequence) {
      const auto at = static_cast<std::size_t>(sequence);
      return !keptRows(rows, starts->back(), (*starts)[at], (*starts)[at + 1]).empty();
    };
  setup.made.resize(setup.plans.size());
  for (std::size_t i = 0; i < setup.plans.size(); ++i) {
    const AnalysisPlan& plan = setup.plans[i];
    if (!plan.manifest.has(Kind::Analyzer))
      continue;
    std::unique_ptr<trace::Analyzer>& made = setup.made[i];
    made = SY_TRY(registry.analyzer(plan.manifest.id, plan.values, setup.context));
    if (!open.moeLayers.empty())
      made = withLayers(std::move(made), open.moeLayers);
    if (reference)
      made = withReference(std::move(made), reference);
    if (starts)
      made = withRows(std::move(made), setup.trace, starts, options.rows);
    (options.ranks == nullptr || made->canSave() ? setup.shared : setup.alone)
        .push_back(made.get());
  }
  return setup;
}

/// What all ranks must agree on.
std::string jobOf(const AnalyzeOptions& options, const Setup& setup) {
  return fmt::format("{}\n{}\n{}", base::version(), setup.trace->id(),
                     analysisCommand(options, setup.plans));
}

/// What the other ranks do in analyze().
Result<void> help(const AnalyzeOptions& options, plugin::Registry& registry,
                  const base::ThreadContext& threads, const base::RunControl& control) {
  Helper helper(*options.ranks, control.stop);
  const auto work = [&]() -> Result<void> {
    const Setup setup = SY_TRY(prepare(options, {}, registry, threads, {{}, helper.stop()}));
    SY_TRY(helper.enlist(jobOf(options, setup)));
    if (setup.shared.empty())
      return {};
    return scanForLeader(helper, *options.ranks, setup.trace, setup.shared, threads, setup.scan);
  };
  helper.leave(work());
  return {};
}

/// One pass for all analyzers, on all ranks. Results are whole or, where the options allow,
/// partial.
Result<trace::ScanSummary> scanAll(const AnalyzeOptions& options, const Setup& setup,
                                   const base::ThreadContext& threads,
                                   const base::RunControl& control, Leader* leader) {
  trace::ScanSummary summary;
  if (!setup.shared.empty() && leader != nullptr)
    summary = SY_TRY(scanWithOthers(*leader, *options.ranks, setup.trace, setup.shared, threads,
                                    setup.scan, control));
  else if (!setup.shared.empty())
    summary = SY_TRY(trace::scan(setup.trace, setup.shared, threads, setup.scan, control));
  if (setup.alone.empty())
    return summary;
  for (const trace::Analyzer* analyzer : setup.alone)
    if (options.log)
      options.log(
          base::LogLevel::Info, "mpi",
          fmt::format("{} cannot be shared by processes; rank 0 reads the whole trace for it",
                      analyzer->id()));
  return trace::scan(setup.trace, setup.alone, threads, setup.scan, control);
}

} // namespace

std::vector<std::string> defaultAnalyzers() {
  return {"specialization", "load", "coactivation", "transitions"};
}

Result<Analysis> analyze(const AnalyzeOptions& options, plugin::Registry& registry,
                         const base::ThreadContext& threads, const base::RunControl& control) {
  return analyzeOpen(options, {}, registry, threads, control);
}

Result<Analysis> analyzeOpen(const AnalyzeOptions& options, const OpenAnalysis& open,
                             plugin::Registry& registry, const base::ThreadContext& threads,
                             const base::RunControl& control) {
  if (options.ranks != nullptr && options.ranks->rank() > 0) {
    SY_TRY(help(options, registry, threads, control));
    return Analysis{};
  }
  std::optional<Leader> leader; // dismisses the other ranks, whatever happens
  if (options.ranks != nullptr)
    leader.emplace(*options.ranks, control.stop);
  const Setup setup = SY_TRY(prepare(options, open, registry, threads, control));
  if (leader) {
    SY_TRY(leader->gather(jobOf(options, setup)));
    leader->start({});
  }
  trace::ScanSummary summary;
  Analysis analysis;
  if (!setup.shared.empty() || !setup.alone.empty()) {
    auto scanned = scanAll(options, setup, threads, control, leader ? &*leader : nullptr);
    analysis.partial =
        !scanned && options.keepPartial && scanned.error().code == ErrorCode::Cancelled;
    if (!scanned && !analysis.partial)
      return tl::unexpected<base::Error>(std::move(scanned).error());
    if (scanned)
      summary = *scanned;
    else
      summary.filter = "the first part of the trace, stopped on request";
  }

  Results results = resultsOf(setup.made, threads);
  for (std::size_t i = 0; i < setup.plans.size(); ++i) {
    const AnalysisPlan& plan = setup.plans[i];
    trace::AnalysisResult result;
    if (setup.made[i]) {
      result = SY_TRY(std::move(results[i]));
      result.provenance.filter = summary.filter;
    } else {
      const auto simulator =
          SY_TRY(registry.simulator(plan.manifest.id, plan.values, setup.context));
      result = SY_TRY(simulate(setup.trace, *simulator, options.machine, options.stepTokens,
                               options.rows, control));
    }
    result.provenance.version = plan.manifest.version;
    result.provenance.options = plugin::describe(plan.values);
    analysis.ids.push_back(plan.manifest.shortName());
    analysis.results.push_back(std::move(result));
  }
  analysis.traceId = setup.trace->id();
  analysis.traceFile = options.trace.string();
  analysis.notices = setup.trace->notices();
  analysis.command = analysisCommand(options, setup.plans);
  return analysis;
}

} // namespace switchyard::jobs
