#pragma once

#include <span>

namespace switchyard::analyzers {

/// How router logits are read as a probability over all experts.
enum class Probabilities : unsigned char {
  Softmax, ///< softmax over all E
  Sigmoid, ///< sigma(z) / sum of sigma: a pseudo-distribution for sigmoid routers
};

/// Probabilities of one row of logits; out has the same size. Relative error below
/// 1e-6 for p > 1e-10, 1e-5 below. The same bits on every machine: plain float32 arithmetic in a
/// fixed order, no libm. A row that is not finite everywhere (except -inf, probability 0) gives
/// false and leaves `out` unspecified.
bool probabilitiesOf(std::span<const float> logits, Probabilities kind, std::span<float> out);

/// sum p (-ln(p + offset)) in nats; 0 ln 0 = 0. Offset 0 is Shannon's entropy, 1e-5 the form of
/// GW-MoE. Absolute error about 1e-6; the same bits on every machine.
float shannonEntropy(std::span<const float> probabilities, float offset);

} // namespace switchyard::analyzers
