#pragma once

#include "app/studio/shell/main_window.h"

namespace switchyard::studio {

// Each adds its actions to the workbench's table. File, edit and view actions come from section 11
// of the design; figure, selection and run actions go to the view that handles them.
void addFileActions(MainWindow& window);
void addEditActions(MainWindow& window);
void addViewActions(MainWindow& window);
void addFigureActions(MainWindow& window);
void addSelectionActions(MainWindow& window);
void addHelpActions(MainWindow& window);

/// Fills the menu bar from the table.
void fillMenus(MainWindow& window);

/// Ids of actions that views handle (View::handles), for enabling.
const QStringList& dispatchedActions();

} // namespace switchyard::studio
