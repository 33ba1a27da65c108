#pragma once

#include "app/studio/shell/view.h"

namespace switchyard::studio {

class MainWindow;

/// Adds what a view shows (or its numbers) to the end of the session's report and says so, with
/// Undo; says why if there is nothing to add. Undoable. GUI thread.
void addToReport(View& view, ReportPiece piece);

/// The actions report.add, report.add-numbers and report.export.
void addReportActions(MainWindow& window);

} // namespace switchyard::studio
