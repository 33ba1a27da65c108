#include "analyzers/statistics/log_gamma.h"

#include <cmath>
#include <numbers>

namespace switchyard::statistics {

namespace {
constexpr double kHalfLogTwoPi = 0.918938533204672741780;
}

double stirlingErrorOfGamma(double x) {
  // error(x) = error(x + 1) + (x + 1/2) ln(1 + 1/x) - 1
  double shift = 0.0;
  for (; x < 16.0; x += 1.0)
    shift += (x + 0.5) * std::log1p(1.0 / x) - 1.0;
  const double r = 1.0 / (x * x);
  const double series =
      1.0 / 12 -
      r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691.0 / 360360))));
  return series / x + shift;
}

double stirlingError(double n) {
  // ln n! = ln Gamma(n) + ln n, and both forms have the same leading terms.
  return n == 0.0 ? 0.0 : stirlingErrorOfGamma(n);
}

double logBeta(double a, double b) {
  const double sum = a + b;
  // (a - 1/2) ln a + (b - 1/2) ln b - (sum - 1/2) ln sum, written so that large terms cancel first.
  return kHalfLogTwoPi + stirlingErrorOfGamma(a) + stirlingErrorOfGamma(b) -
         stirlingErrorOfGamma(sum) + (a - 0.5) * std::log(a / sum) + b * std::log(b / sum) -
         0.5 * std::log(b);
}

} // namespace switchyard::statistics
