#pragma once

#include "app/jobs/filtered.h"
#include "core/base/progress.h"
#include "core/trace/reader.h"
#include "core/trace/result.h"
#include "core/trace/simulator.h"

namespace switchyard::jobs {

/// Feeds a trace to a simulator in the order in which a model with one sequence at a time would run
/// it: sequence by sequence, `stepTokens` tokens together as one step, within a step layer by
/// layer. With a filter the simulator sees the rows that it keeps as if the trace consisted of
/// them: a sequence is its kept rows one after the other, positions, prompt length and steps count
/// these rows, and sequences without any are left out. Errors: InvalidArgument for stepTokens < 1,
/// or if the trace has no such layer or expert as the filter names; the reader's and the
/// simulator's; Cancelled.
base::Result<trace::AnalysisResult> simulate(const std::shared_ptr<const trace::Trace>& trace,
                                             trace::Simulator& simulator,
                                             const trace::MachineDescription& machine,
                                             std::int64_t stepTokens, const RowFilter& rows,
                                             const base::RunControl& control);

} // namespace switchyard::jobs
