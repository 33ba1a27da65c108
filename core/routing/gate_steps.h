#pragma once

#include <cstdint>
#include <span>

#include "core/routing/gate.h"

namespace switchyard::routing {

// The steps of a checkpoint's own rule, one row at a time: route() runs them all, policies that
// change one of them reuse the others. Float32, no allocation, reentrant.

/// probs [E] = the gate's score function of the logits: sigmoid, or softmax over all E.
void scoreRow(const GateConfig& gate, std::span<const float> logits, std::span<float> probs);

/// Fills the choice scores [E] of the groups that lose with gate.groupFill. Nothing happens for
/// gates without groups. Scratch: groupScores [groups], order [E].
void maskGroups(const GateConfig& gate, std::span<float> choice, std::span<float> groupScores,
                std::span<std::int32_t> order);

/// Gathered scores -> gate weights: renormalises as the gate says, then scales.
void normaliseWeights(const GateConfig& gate, std::span<float> weights);

/// SparseMixer's two picks; a slot that cannot be filled gets -1 and weight 0. ids, weights: [2].
/// Each is weighted by a softmax over the logits close to it ("Sparse Backpropagation for MoE
/// Training", GRIN MoE, arXiv 2409.12136; the evaluation rule of transformers' phimoe). -inf logits
/// are always masked here; there (m - s) / |s| would be NaN and keep them. Scratch: order [E].
void sparseMixerRow(const GateConfig& gate, std::span<const float> logits,
                    std::span<std::int32_t> ids, std::span<float> weights,
                    std::span<std::int32_t> order);

/// Whether SparseMixer's softmax around a pick with logit `top` reaches an expert with this logit.
bool sparseMixerKeeps(const GateConfig& gate, float top, float logit);

} // namespace switchyard::routing
