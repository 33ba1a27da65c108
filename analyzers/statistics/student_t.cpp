#include "analyzers/statistics/student_t.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/statistics/log_gamma.h"

namespace switchyard::statistics {

namespace {

/// The continued fraction of I_x(a, b); converges fast for x < (a + 1) / (a + b + 2).
double betaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMaxSteps = 100000;
  const auto away = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1.0;
  double d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
  double h = d;
  for (int m = 1; m <= kMaxSteps; ++m) {
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    d = 1.0 / away(1.0 + even * d);
    c = away(1.0 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 / away(1.0 + odd * d);
    c = away(1.0 + odd / c);
    const double step = d * c;
    h *= step;
    if (std::fabs(step - 1.0) < 1e-16)
      break;
  }
  return h;
}

double logOf(double value, double complement) {
  return value > 0.5 ? std::log1p(-complement) : std::log(value);
}

double studentTDensity(double t, double df) {
  return std::exp(-logBeta(0.5 * df, 0.5) - 0.5 * (df + 1.0) * std::log1p(t * t / df)) /
         std::sqrt(df);
}

} // namespace

double incompleteBeta(double a, double b, double x, double complement) {
  if (x <= 0.0)
    return 0.0;
  if (complement <= 0.0)
    return 1.0;
  const double front =
      std::exp(a * logOf(x, complement) + b * logOf(complement, x) - logBeta(a, b));
  if (x < (a + 1.0) / (a + b + 2.0))
    return front * betaFraction(a, b, x) / a;
  return 1.0 - front * betaFraction(b, a, complement) / b;
}

double studentTTwoSided(double t, double df) {
  if (std::isinf(t))
    return 0.0;
  const double square = t * t;
  return incompleteBeta(0.5 * df, 0.5, df / (df + square), square / (df + square));
}

double studentTSurvival(double t, double df) {
  const double tail = 0.5 * studentTTwoSided(t, df);
  return t >= 0.0 ? tail : 1.0 - tail;
}

double studentTUpperQuantile(double tail, double df) {
  if (tail >= 0.5)
    return 0.0;
  double low = 0.0;
  double high = 1.0;
  while (studentTSurvival(high, df) > tail && high < std::numeric_limits<double>::max() / 4)
    high *= 2.0;
  double t = 0.5 * (low + high);
  for (int step = 0; step < 200; ++step) {
    const double excess = studentTSurvival(t, df) - tail;
    (excess > 0.0 ? low : high) = t;
    double next = t + excess / studentTDensity(t, df);
    if (!(next > low && next < high))
      next = 0.5 * (low + high);
    if (std::fabs(next - t) <= 1e-15 * next)
      return next;
    t = next;
  }
  return t;
}

} // namespace switchyard::statistics
