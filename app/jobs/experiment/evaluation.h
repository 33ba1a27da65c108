#pragma once

#include "app/jobs/evaluate/evaluate.h"
#include "app/jobs/experiment/plan.h"

namespace switchyard::jobs::experiment {

/// How a cell's variant is evaluated; store, registry and log are the caller's.
evaluate::Options evaluateOptions(const Plan& plan, const Cell& cell);

} // namespace switchyard::jobs::experiment
