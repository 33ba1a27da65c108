#pragma once

#include <vector>

#include "app/jobs/experiment/plan.h"
#include "app/jobs/experiment/store.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::experiment {

/// What is said of the grid as a whole, from the cells that are done; nothing is run. "grid": the
/// headline numbers of all cells as a table and figures. For each evaluation (model, tasks, seed)
/// its variants against the base, paired by item, corrected over the variants; where there are
/// several evaluations "grid" also corrects over all of them. Cells that are missing are warned of.
/// Errors: the store's; those of the statistics.
base::Result<std::vector<NamedResult>> summarize(const Plan& plan, Store& store,
                                                 const base::ThreadContext& threads);

} // namespace switchyard::jobs::experiment
