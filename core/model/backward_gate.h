#pragma once

#include <cstdint>
#include <span>

#include "core/routing/gate.h"

namespace switchyard::model {

/// Back through a checkpoint's gate for one token, its selection held constant.
/// logits [E]: what the gate ran on. ids [slots]: its selection; -1 is an empty slot.
/// weightGradient [slots]: gradient of the loss by each final gate weight; empty slots are ignored.
/// logitGradient [E] is overwritten. Only finite or -inf logits; -inf gets 0.
///
/// Softmax over all E reaches every expert; softmax over the selected and sigmoid only the
/// selected; SparseMixer (evaluation rule, GRIN MoE, arXiv 2409.12136) the experts that its masks
/// keep, masks constant. A ClampMin divisor passes the gradient of the sum where that is not below
/// the minimum. In double; no allocation for E <= 1024.
void gateGradient(const routing::GateConfig& gate, std::span<const float> logits,
                  std::span<const std::int32_t> ids, std::span<const float> weightGradient,
                  std::span<float> logitGradient);

} // namespace switchyard::model
