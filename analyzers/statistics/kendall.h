#pragma once

#include <optional>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Kendall's rank correlation, tau-b.
struct Kendall {
  /// (C - D) / sqrt((n0 - n1)(n0 - n2)); nothing when x or y is constant or n < 2.
  std::optional<double> tauB;
  /// Two-sided normal approximation without continuity correction, variance with ties:
  /// (n(n-1)(2n+5) - sum t(t-1)(2t+5) - sum u(u-1)(2u+5))/18 + 2 n1 n2/(n(n-1))
  /// + sum t(t-1)(t-2) sum u(u-1)(u-2) / (9n(n-1)(n-2)); n1, n2 = tied pairs in x, in y.
  std::optional<double> pAsymptotic;
  /// min(1, 2 P(inversions <= min(C, D))) over all orders; only without ties and for n <= 50.
  std::optional<double> pExact;
};

/// Errors: InvalidArgument (empty, unequal lengths), NonFinite. O(n log n).
/// Source: Kendall 1970, "Rank Correlation Methods"; Knight 1966 for the counting.
base::Result<Kendall> kendall(std::span<const double> x, std::span<const double> y);

} // namespace switchyard::statistics
