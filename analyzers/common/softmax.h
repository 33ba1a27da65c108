#pragma once

#include <span>

namespace switchyard::analyzers {

/// How router logits are read as a probability over all experts.
enum class Probabilities : unsigned char {
  Softmax, ///< softmax over all E
  Sigmoid, ///< sigma(z) / sum of sigma: a pseudo-distribution for sigmoid routers
};

/// Probabilities of one row of logits; out has the same size. Relative error about 2e-7. The same
/// bits on every machine: plain float32 arithmetic in a fixed order, no libm. A row that is not
/// finite everywhere (except -inf, probability 0) gives false and leaves `out` unspecified.
bool probabilitiesOf(std::span<const float> logits, Probabilities kind, std::span<float> out);

} // namespace switchyard::analyzers
