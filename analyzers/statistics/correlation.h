#pragma once

#include <optional>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// A correlation coefficient in [-1, 1] and its two-sided p. Nothing where it is undefined.
struct Correlation {
  std::optional<double> coefficient; ///< nothing when x or y is constant or n < 2
  std::optional<double> p; ///< t with n - 2 degrees of freedom; needs n >= 3; 0 at |r| = 1
};

/// Pearson's product-moment correlation. |r| within 4 units of rounding of 1 counts as 1.
/// Errors: InvalidArgument (empty, unequal lengths), NonFinite.
base::Result<Correlation> pearson(std::span<const double> x, std::span<const double> y);

/// Spearman's rank correlation: Pearson of the average ranks. Errors as above.
base::Result<Correlation> spearman(std::span<const double> x, std::span<const double> y);

/// Least-squares line y = intercept + slope x. Nothing where undefined: everything when x is
/// constant, rSquared when y is, slopeStandardError when n < 3 (it divides by n - 2).
struct LinearFit {
  std::optional<double> slope, intercept, rSquared, slopeStandardError;
};

/// The p of the slope is pearson()'s p. Errors as above.
base::Result<LinearFit> fitLine(std::span<const double> x, std::span<const double> y);

} // namespace switchyard::statistics
