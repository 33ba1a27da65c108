#pragma once

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// What the user reads when a file could not be opened: section 9 of the design's copy.
Problem openProblem(Workbench& workbench, const QString& path, const base::Error& error);

/// What the user reads when a session could not be saved; `again` tries once more.
Problem saveProblem(Workbench& workbench, const base::Error& error, std::function<void()> again);

} // namespace switchyard::studio
