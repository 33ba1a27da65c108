#pragma once

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A small popup at the pointer that asks for the factor; Enter boosts, Esc closes.
void showBoostPopup(Workbench& workbench, const ExpertKey& expert, QWidget* parent);

} // namespace switchyard::studio
