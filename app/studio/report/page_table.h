#pragma once

#include "app/studio/report/page_flow.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// A table on pages: title, header on every page that it reaches, rows that are not torn, and a
/// line that says how many rows were left out. Numbers stand at the right, as the window writes
/// them. Columns that do not fit beside each other are printed below, with the first column again.
/// rows: at most so many; 0: all. titled: with its title.
void placeTable(PageFlow& flow, const trace::Table& table, std::size_t rows, bool titled);

/// Label, value, note in three columns without a header.
struct FactRow {
  QString label, value, note;
  QColor ink; ///< of the label; invalid: text
};
void placeFacts(PageFlow& flow, const std::vector<FactRow>& rows);

} // namespace switchyard::studio
