#pragma once

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// What the user reads when a file could not be opened: section 9 of the design's copy.
Problem openProblem(Workbench& workbench, const QString& path, const base::Error& error);

} // namespace switchyard::studio
