#pragma once

#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// Self-attention of one layer: reads `input` [T, hidden], appends this pass's keys and values to
/// the segments' caches (whose length() is still the one before the pass), writes work.blockOut
/// [T, hidden]. work.cosines and work.sines hold this pass's angles.
/// Grouped-query and multi-head latent attention, causal, with optional windows and sinks.
void attention(const LayerPass& pass, const AttentionWeights& weights, const float* input);

} // namespace switchyard::model
