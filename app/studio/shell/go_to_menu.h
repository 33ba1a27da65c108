#pragma once

#include "app/studio/shell/workbench.h"

class QMenu;

namespace switchyard::studio {

/// Adds "Go to" with the views that show an expert; each makes it the primary one.
void addGoTo(QMenu& menu, Workbench& workbench, const ExpertKey& expert);

} // namespace switchyard::studio
