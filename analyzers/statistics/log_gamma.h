#pragma once

namespace switchyard::statistics {

/// ln Gamma(x) - [(x - 1/2) ln x - x + ln(2 pi)/2], the error of Stirling's formula, for x > 0.
/// Asymptotic series above 16, upward recurrence below; absolute error about 1e-15.
double stirlingErrorOfGamma(double x);

/// ln(n!) - ln(sqrt(2 pi n) (n/e)^n) for an integer n >= 0 (0 for n = 0).
/// Source: Loader 2000, "Fast and accurate computation of binomial probabilities".
double stirlingError(double n);

/// ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b), a, b > 0. Unlike std::lgamma it writes
/// no global, so threads may share it.
double logBeta(double a, double b);

} // namespace switchyard::statistics
