#pragma once

#include <QPoint>

#include "app/studio/shell/workbench.h"

class QMenu;

namespace switchyard::studio {

/// Adds what can be done with an expert: ban, boost, force, pin, show only its tokens, go to a
/// view. The menu has a parent.
void fillExpertMenu(QMenu& menu, Workbench& workbench, const ExpertKey& expert);

} // namespace switchyard::studio
