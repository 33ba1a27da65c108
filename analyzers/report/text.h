#pragma once

#include <string>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

struct TextOptions {
  int width = 100;     ///< columns of the terminal; sentences are wrapped
  int maxFindings = 8; ///< statements shown
  int maxRows = 0;     ///< rows shown of each table; 0 = no tables
  int maxWarnings = 6; ///< the rest is counted
};

/// What a person reads on the terminal: findings first, then the headline numbers, then what could
/// not be said and why, and optionally the head of each table. Control characters in names and
/// labels are shown as '?', so that a trace cannot send escape sequences to the terminal.
std::string toText(const trace::AnalysisResult& result, const TextOptions& options = {});

/// A table with aligned columns.
std::string toText(const trace::Table& table, int maxRows);

} // namespace switchyard::analyzers::report
