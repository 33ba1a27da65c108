#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/trace/writer.h"

namespace switchyard::jobs {

/// What a decoder recorded of one token, by name.
using DecodeRecord = std::vector<std::pair<std::string, double>>;

/// Adds a row of figures for each generated token of the open sequence, in the order of
/// writer.meta().figures; what a record does not have is NaN. Nothing if the trace has no figures.
base::Result<void> addRecords(trace::TraceWriter& writer, std::span<const DecodeRecord> records);

/// What GenerateWith::distributions calls to record them in the writer's open sequence, as
/// log-probabilities; null if the trace has no such column. Borrows the writer.
std::function<base::Result<void>(std::span<const float> text, std::span<const float> other)>
distributionRecorder(trace::TraceWriter& writer);

} // namespace switchyard::jobs
