#pragma once

#include "core/model/load_plan.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// Lists every tensor that an architecture consists of, with its place in `weights` (which must
/// not move until the plan has been carried out). Errors as LoadPlan's.
base::Result<void> planWeights(LoadPlan& plan, const ModelConfig& config, ModelWeights& weights);

} // namespace switchyard::model
