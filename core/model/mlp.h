#pragma once

#include "core/base/thread_context.h"
#include "core/model/config.h"
#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// Columns of panels [firstPanel, lastPanel) of act(gate(x), up(x)) for m rows, one thread.
/// hidden, other: [m, width]; the result is in `hidden`, `other` is scratch.
void activatePanels(const MlpWeights& mlp, const MoeConfig& moe, Activation activation,
                    const float* x, std::int64_t m, std::int64_t ldx, float* hidden, float* other,
                    std::int64_t firstPanel, std::int64_t lastPanel);

/// A whole gated MLP over all rows of the pass (dense layers, shared experts):
/// out [T, hidden] = down(silu(gate(x)) * up(x)).
void denseMlp(const LayerPass& pass, const MlpWeights& mlp, const float* x, float* out);

} // namespace switchyard::model
