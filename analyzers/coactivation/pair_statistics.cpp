#include "analyzers/coactivation/pair_statistics.h"

#include <cmath>

#include "analyzers/common/cells.h"
#include "analyzers/common/fixed_sum.h"

namespace switchyard::analyzers {

namespace {
double toDouble(std::int64_t value) {
  return static_cast<double>(value);
}
double product(std::int64_t a, std::int64_t b) {
  return static_cast<double>(Int128{a} * b);
}
} // namespace

std::optional<double> conditional(const PairCounts& n) {
  return ratio(toDouble(n.both), toDouble(n.i));
}

std::optional<double> lift(const PairCounts& n) {
  return ratio(product(n.both, n.tokens), product(n.i, n.j));
}

std::optional<double> jaccard(const PairCounts& n) {
  return ratio(toDouble(n.both), toDouble(n.i + n.j - n.both));
}

std::optional<double> phi(const PairCounts& n) {
  const auto covariance = static_cast<double>(Int128{n.both} * n.tokens - Int128{n.i} * n.j);
  const double variances = product(n.i, n.tokens - n.i) * product(n.j, n.tokens - n.j);
  if (!(variances > 0))
    return std::nullopt;
  return covariance / std::sqrt(variances);
}

std::optional<double> overUniform(const PairCounts& n, int experts, int k) {
  const double pairs = toDouble(n.tokens) * k * (k - 1);
  if (pairs == 0)
    return std::nullopt;
  return toDouble(n.both) / (pairs / (static_cast<double>(experts) * (experts - 1)));
}

std::optional<double> fixedKLift(int experts, int k) {
  return ratio((k - 1.0) * experts, static_cast<double>(k) * (experts - 1));
}

} // namespace switchyard::analyzers
