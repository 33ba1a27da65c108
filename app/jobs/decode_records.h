#pragma once

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

} // namespace switchyard::jobs
