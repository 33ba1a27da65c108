#pragma once

#include "core/base/error.h"
#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// The routed block of one layer: reads `input` [T, hidden], writes work.blockOut [T, hidden] =
/// sum over rank of weight * expert output, plus shared experts; reports to the observers.
/// Sums run in rank order, so a row's bits do not depend on the rest of the batch.
/// Errors: NonFinite router logits (layer and token), whatever an observer returns.
base::Result<void> moeLayer(const LayerPass& pass, const MoeWeights& weights, const float* input);

/// Orders the T * k slots of work.ids by expert (rows ascending within one), so that each expert
/// reads its weights once for all of its rows: expertBegin, activeExperts, slotOf, slotRow.
void groupByExpert(Workspace& work, std::int64_t rows, int experts, int k);

} // namespace switchyard::model
