#pragma once

#include <string>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// The whole result as one JSON object with the keys provenance, headlines, findings, warnings,
/// tables (columns, rows) and figures (kind "heatmap", "bar", "line", "scatter" or "flow", and
/// their data). Doubles in the shortest form that reads back the same; undefined, NaN and infinity
/// are null; bytes that are not UTF-8 become U+FFFD. The same result gives the same bytes.
std::string toJson(const trace::AnalysisResult& result);

/// One table as an array of objects, one a row, keyed by column name.
std::string toJson(const trace::Table& table);

} // namespace switchyard::analyzers::report
