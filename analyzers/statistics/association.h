#pragma once

#include <cstdint>
#include <optional>

#include "core/base/error.h"

namespace switchyard::statistics {

/// How often two events happened, alone and together, among `total` trials.
struct JointCounts {
  std::int64_t first = 0, second = 0, both = 0, total = 0;
};

/// Association of two binary events, from their 2x2 table. Nothing where a measure is 0/0.
struct Association {
  std::optional<double> lift;    ///< both * total / (first * second); nothing when either is 0
  std::optional<double> jaccard; ///< both / (first + second - both); nothing when both are 0
  /// Pearson correlation of the two indicators; phi, G and p are nothing when an event never or
  /// always happens.
  std::optional<double> phi;
  std::optional<double> g;     ///< 2 sum O ln(O/E), no correction
  std::optional<double> gP;    ///< chi-square, one degree of freedom
  std::optional<double> gLogP; ///< ln of gP, also where that underflows
};

/// Baseline: when each trial picks exactly k of E at random, two of them have lift
/// fixedKLift(k, E) < 1, so phi and G lean to the negative side.
/// Errors: InvalidArgument unless 0 <= both <= first, second, the union fits in total, and
/// total <= 2^53.
base::Result<Association> associate(const JointCounts& counts);

/// (k-1) E / (k (E-1)): the lift of two experts under uniform routing of exactly k of E >= 2.
double fixedKLift(int k, int experts);

/// both / (total k (k-1) / (E (E-1))): pairs observed over pairs expected under uniform routing;
/// nothing for k = 1, E = 1 or total = 0.
std::optional<double> pairsOverUniformRouting(std::int64_t both, std::int64_t total, int k,
                                              int experts);

} // namespace switchyard::statistics
