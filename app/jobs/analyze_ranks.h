#pragma once

#include <memory>
#include <span>

#include "app/jobs/ranks/team.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

/// Rank 0 scans its part of the trace, the others theirs; their analyzers' states are merged in the
/// order of the trace, so the results are the bytes of one scan. Every analyzer can save. Errors:
/// those of scan(), with the rank in front if it is another's.
base::Result<trace::ScanSummary>
scanWithOthers(Leader& leader, const Ranks& ranks, const std::shared_ptr<const trace::Trace>& trace,
               std::span<trace::Analyzer* const> analyzers, const base::ThreadContext& threads,
               trace::ScanOptions options, const base::RunControl& control);

/// The part of one of the others, with the same analyzers and options.
base::Result<void> scanForLeader(Helper& helper, const Ranks& ranks,
                                 const std::shared_ptr<const trace::Trace>& trace,
                                 std::span<trace::Analyzer* const> analyzers,
                                 const base::ThreadContext& threads, trace::ScanOptions options);

} // namespace switchyard::jobs
