#pragma once

#include "app/jobs/compare_traces.h"
#include "core/trace/result.h"

namespace switchyard::jobs::experiment {

/// How two traces route the same tokens, as tables, a figure and headline numbers with intervals
/// over documents. label: by which documents were grouped.
trace::AnalysisResult compareResult(const TraceComparison& comparison, const std::string& label,
                                    std::int64_t resamples);

} // namespace switchyard::jobs::experiment
