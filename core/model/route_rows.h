#pragma once

#include "core/base/error.h"
#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// Router logits and selection of all rows of one layer, into the workspace: routerLogits [T, E],
/// slots, ids and weights [T, slots] and what observers want besides. The checkpoint's own gate
/// decides; rows of a segment with offsets or a policy are then routed again (offsets first), and
/// slots is the most experts that any of them may give a token. Places beyond the checkpoint's
/// experts (null experts) become unused slots.
///
/// probs and biasedScores are those of the checkpoint's own gate. rawWeights are NaN for rows whose
/// policy does not say.
/// Errors: NonFinite router logits (layer and row), whatever a policy returns.
base::Result<void> routeRows(const LayerPass& pass, const MoeWeights& weights, const float* input);

} // namespace switchyard::model
