#pragma once

#include <span>

#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// Self-attention of one layer: reads `input` [T, hidden], appends this pass's keys and values to
/// the segments' caches (whose length() is still the one before the pass), writes work.blockOut
/// [T, hidden]. work.cosines and work.sines hold this pass's angles.
/// Grouped-query and multi-head latent attention, causal, with optional windows and sinks.
void attention(const LayerPass& pass, const AttentionWeights& weights, const float* input);

/// The first half of it: queries in work.projected (Gqa, first in each row) or work.queries (Mla),
/// keys and values in the caches, all rotated.
void projectAttention(const LayerPass& pass, const AttentionWeights& weights, const float* input);

/// q-norm or k-norm of one row, in place. weight: one head's, or with QkNorm::Full the whole row's.
void normHeads(std::span<float> row, std::span<const float> weight, QkNorm kind, float eps);

/// The latent norms of multi-head latent attention use this epsilon whatever rms_norm_eps says.
inline constexpr float kLatentNormEps = 1e-6f;

} // namespace switchyard::model
