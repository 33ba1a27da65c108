#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

/// What is controlled over m tests.
enum class Correction : std::uint8_t {
  BenjaminiHochberg,  ///< false discovery rate, independent or positively dependent tests (1995)
  BenjaminiYekutieli, ///< false discovery rate under any dependence: BH times 1 + 1/2 + ... + 1/m
  Holm,               ///< family-wise error rate, any dependence (1979)
};

/// Adjusted p values in the order of the input, capped at 1. With p ascending and rank i from 1:
/// BH min over j >= i of p_j m / j; Holm max over j <= i of p_j (m - j + 1). Equal p get equal
/// adjusted p. No input gives no output. Errors: InvalidArgument for a p outside [0, 1] or NaN.
base::Result<std::vector<double>> adjustPValues(std::span<const double> p, Correction correction);

/// Whether an adjusted p is a rejection at level alpha: adjusted <= alpha, where the rounding of
/// the adjustment (1e-12 relative) does not turn equality into a miss.
bool rejects(double adjusted, double alpha);

} // namespace switchyard::statistics
