#pragma once

namespace switchyard::statistics {

/// P(Z <= z) of the standard normal; relative error below 1e-12 for z > -37, 0 below about -38.5.
double normalCdf(double z);

/// P(Z > z), without the cancellation of 1 - normalCdf(z).
double normalSurvival(double z);

/// The z with P(Z <= z) = p. p in [0, 1]: 0 gives -inf, 1 gives +inf; NaN outside.
/// Source: Wichura 1988, algorithm AS 241 (PPND16); relative error about 1e-16.
double normalQuantile(double p);

/// P(X > x) of the chi-square distribution with one degree of freedom; 1 for x <= 0.
double chiSquare1Survival(double x);

/// Natural logarithm of chiSquare1Survival(x), also where that underflows (x > 1400).
double logChiSquare1Survival(double x);

} // namespace switchyard::statistics
