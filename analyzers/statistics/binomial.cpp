#include "analyzers/statistics/binomial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "analyzers/statistics/log_gamma.h"

namespace switchyard::statistics {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// x ln(x / mean) + mean - x, by series where the two are close.
double devianceTerm(double x, double mean) {
  if (std::fabs(x - mean) >= 0.1 * (x + mean))
    return x * std::log(x / mean) + mean - x;
  const double v = (x - mean) / (x + mean);
  double sum = (x - mean) * v;
  double power = 2.0 * x * v;
  for (int j = 1; j < 1000; ++j) {
    power *= v * v;
    const double next = sum + power / (2 * j + 1);
    if (next == sum)
      break;
    sum = next;
  }
  return sum;
}

double logPower(double base, double complement, double exponent) {
  if (exponent == 0.0)
    return 0.0;
  return exponent * (base > 0.5 ? std::log1p(-complement) : std::log(base));
}

} // namespace

Probability fromLog(double logP) {
  const double capped = std::min(logP, 0.0);
  return {std::exp(capped), capped};
}

Probability complementOf(Probability event) {
  if (event.p >= 1.0)
    return {0.0, kMinusInfinity};
  return {1.0 - event.p, std::log1p(-event.p)};
}

Probability sumOf(Probability a, Probability b) {
  if (a.logP < b.logP)
    std::swap(a, b);
  if (a.logP == kMinusInfinity)
    return a;
  const double logP = std::min(a.logP + std::log1p(std::exp(b.logP - a.logP)), 0.0);
  return {std::min(a.p + b.p, 1.0), logP};
}

double logBinomialPmf(double k, double n, double p, double q) {
  if (k < 0.0 || k > n)
    return kMinusInfinity;
  if (k == 0.0)
    return logPower(q, p, n);
  if (k == n)
    return logPower(p, q, n);
  if (p <= 0.0 || q <= 0.0)
    return kMinusInfinity;
  const double rest = n - k;
  return stirlingError(n) - stirlingError(k) - stirlingError(rest) - devianceTerm(k, n * p) -
         devianceTerm(rest, n * q) + 0.5 * std::log(n / (2.0 * std::numbers::pi * k) / rest);
}

Probability fairBinomialCdf(std::int64_t k, std::int64_t n) {
  if (k < 0)
    return {0.0, kMinusInfinity};
  if (k >= n)
    return {};
  if (2 * k >= n)
    return complementOf(fairBinomialCdf(n - k - 1, n));
  const auto count = static_cast<double>(n);
  double term = 1.0;
  double sum = 1.0;
  for (auto x = static_cast<double>(k); x > 0.0 && term > 1e-18 * sum; x -= 1.0) {
    term *= x / (count - x + 1.0);
    sum += term;
  }
  return fromLog(logBinomialPmf(static_cast<double>(k), count, 0.5, 0.5) + std::log(sum));
}

} // namespace switchyard::statistics
