#pragma once

#include <vector>

#include "app/jobs/experiment/plan.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::experiment {

/// What a cell may take on this machine.
struct Estimate {
  const Cell* cell = nullptr;
  double seconds = 0; ///< at most, as answers may end before their limit
};

/// Measures for about a second each how fast the models read and generate, with all threads and
/// with one, and under each decoder that is used; and says what the cells would take one after the
/// other. Loading models and the statistics are left out. Errors: those of models and decoders;
/// Cancelled.
base::Result<std::vector<Estimate>> estimate(const Plan& plan,
                                             const std::vector<const Cell*>& cells,
                                             const std::shared_ptr<plugin::Registry>& registry,
                                             const base::ThreadContext& threads,
                                             const base::RunControl& control);

} // namespace switchyard::jobs::experiment
