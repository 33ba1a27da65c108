#include "app/jobs/analyze_ranks.h"

#include <fmt/format.h>

#include "core/base/archive.h"

namespace switchyard::jobs {

namespace {

using base::Result;

/// What a rank reports: how much it read, then a state for each analyzer.
struct PartReport {
  std::int64_t sequences = 0, tokens = 0;
  std::vector<std::string> states;
};

std::string packed(const PartReport& report) {
  base::ArchiveWriter archive;
  archive(report.sequences, report.tokens, std::uint64_t{report.states.size()});
  for (const std::string& state : report.states)
    archive.grown(state);
  return archive.take();
}

Result<PartReport> unpacked(std::string_view bytes, int rank, std::size_t analyzers) {
  PartReport report;
  base::ArchiveReader archive(bytes);
  archive(report.sequences, report.tokens);
  report.states.resize(archive.count());
  for (std::string& state : report.states)
    archive.grown(state);
  if (!archive.finished() || report.states.size() != analyzers)
    return base::fail(base::ErrorCode::Internal,
                      fmt::format("the report of rank {} is damaged", rank));
  return report;
}

Result<void> mergeState(trace::Analyzer& into, const trace::Trace& trace, std::string_view state) {
  const auto other = into.cloneEmpty();
  SY_TRY(other->begin(trace.meta().layers));
  SY_TRY(other->load(state));
  return into.merge(*other);
}

} // namespace

Result<trace::ScanSummary>
scanWithOthers(Leader& leader, const Ranks& ranks, const std::shared_ptr<const trace::Trace>& trace,
               std::span<trace::Analyzer* const> analyzers, const base::ThreadContext& threads,
               trace::ScanOptions options, const base::RunControl& control) {
  options.part = {.index = 0, .count = ranks.size()};
  trace::ScanSummary summary = SY_TRY(trace::scan(trace, analyzers, threads, options, control));
  for (int rank = 1; rank < ranks.size(); ++rank) {
    const std::string report = SY_TRY(leader.report(rank));
    const PartReport part = SY_TRY(unpacked(report, rank, analyzers.size()));
    summary.sequences += part.sequences;
    summary.tokens += part.tokens;
    for (std::size_t i = 0; i < analyzers.size(); ++i)
      SY_TRY(mergeState(*analyzers[i], *trace, part.states[i]));
  }
  return summary;
}

Result<void> scanForLeader(Helper& helper, const Ranks& ranks,
                           const std::shared_ptr<const trace::Trace>& trace,
                           std::span<trace::Analyzer* const> analyzers,
                           const base::ThreadContext& threads, trace::ScanOptions options) {
  options.part = {.index = ranks.rank(), .count = ranks.size()};
  const base::RunControl control{
      .progress = [&](std::int64_t, std::int64_t, std::string_view) { (void)helper.check(); },
      .stop = helper.stop()};
  const trace::ScanSummary summary =
      SY_TRY(trace::scan(trace, analyzers, threads, options, control));
  PartReport report{summary.sequences, summary.tokens, {}};
  for (const trace::Analyzer* analyzer : analyzers)
    report.states.push_back(SY_TRY(analyzer->save()));
  return helper.report(packed(report));
}

} // namespace switchyard::jobs
