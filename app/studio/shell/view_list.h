#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/studio/shell/view.h"

namespace switchyard::studio {

struct ViewEntry {
  QString id;    ///< "experts"
  QString title; ///< translated: "Experts"
  std::function<View*(Workbench&)> make;
};

/// The views of the centre in the order of their tabs and of Ctrl+1 ... Ctrl+9. The one place where
/// a view is registered.
std::vector<ViewEntry> viewList();

/// What stands in the docks and in the tool bar between undo and the palette field.
QWidget* makeInspector(Workbench& workbench);
QWidget* makeTimeline(Workbench& workbench);
QWidget* makeTransport(Workbench& workbench);

} // namespace switchyard::studio
