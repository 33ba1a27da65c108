#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// Facts of a trace for people and programs: model, sequences, tokens, layers, columns, labels with
/// their values and counts, provenance, complete or not. Reads meta data and labels, no rows.
/// Errors: those of Trace::open and the reader.
base::Result<nlohmann::json> traceInfo(const trace::Trace& trace);

} // namespace switchyard::jobs
