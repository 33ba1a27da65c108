#pragma once

#include <string>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// One table as RFC 4180 CSV with LF line ends: a header of column names, undefined cells empty,
/// doubles in the shortest form that reads back the same. Text that a spreadsheet would take for a
/// formula (it starts with = + - @) keeps its bytes; fields are quoted where the format needs it.
std::string toCsv(const trace::Table& table);

} // namespace switchyard::analyzers::report
