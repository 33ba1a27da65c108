#pragma once

#include <optional>
#include <span>

namespace switchyard::statistics {

/// Arithmetic mean: one plain pass, then one pass over the deviations from it, which takes back
/// most of the rounding. Values must not be empty (callers check).
double meanOf(std::span<const double> values);

/// Sum of (x - mean)^2, corrected for the rounding of `mean`.
double squaresAbout(std::span<const double> values, double mean);

/// Sum of (x - meanX)(y - meanY) over pairs.
double productsAbout(std::span<const double> x, double meanX, std::span<const double> y,
                     double meanY);

/// Sample variance, n - 1 in the denominator; nothing for fewer than two values.
std::optional<double> sampleVariance(std::span<const double> values);

/// Whether all values are equal (true for one value and for none).
bool isConstant(std::span<const double> values);

} // namespace switchyard::statistics
