#pragma once

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A small popup at the pointer, or in the middle of the window, that asks for the factor on the
/// gate weight; Enter boosts, Esc closes.
void showBoostPopup(Workbench& workbench, const ExpertKey& expert, QWidget* parent);

} // namespace switchyard::studio
