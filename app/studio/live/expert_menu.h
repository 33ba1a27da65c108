#pragma once

#include <QPoint>

#include "app/studio/shell/workbench.h"

class QMenu;
class QWidget;

namespace switchyard::studio {

/// Adds what can be done with an expert: ban, boost, force, pin, show only its tokens, go to a view.
void fillExpertMenu(QMenu& menu, Workbench& workbench, const ExpertKey& expert);
/// Asks for the factor and adds a boost step. Nothing if cancelled.
void askBoost(QWidget* parent, Workbench& workbench, const ExpertKey& expert);

} // namespace switchyard::studio
