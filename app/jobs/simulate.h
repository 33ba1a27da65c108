#pragma once

#include "core/base/progress.h"
#include "core/trace/reader.h"
#include "core/trace/result.h"
#include "core/trace/simulator.h"

namespace switchyard::jobs {

/// Feeds a trace to a simulator in the order in which a model with one sequence at a time would run
/// it: sequence by sequence, `stepTokens` tokens together as one step, within a step layer by layer.
/// Errors: InvalidArgument for stepTokens < 1; the reader's and the simulator's; Cancelled.
base::Result<trace::AnalysisResult> simulate(const trace::Trace& trace,
                                             trace::Simulator& simulator,
                                             const trace::MachineDescription& machine,
                                             std::int64_t stepTokens,
                                             const base::RunControl& control);

} // namespace switchyard::jobs
