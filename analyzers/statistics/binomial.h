#pragma once

#include <cstdint>

namespace switchyard::statistics {

/// A probability and its natural logarithm; p is 0 where it underflows, logP still holds then.
/// logP of an impossible event is -inf.
struct Probability {
  double p = 1.0;
  double logP = 0.0;
};

/// exp(logP) beside logP.
Probability fromLog(double logP);

/// The probability of the opposite event.
Probability complementOf(Probability event);

/// p of either of two disjoint events, capped at 1.
Probability sumOf(Probability a, Probability b);

/// ln P(X = k) for X ~ Bin(n, p), where q = 1 - p is passed so that neither cancels.
/// 0 <= k <= n (else -inf), n up to 2^53. Saddle-point form: relative error of the probability
/// about 1e-13 for any n. Source: Loader 2000.
double logBinomialPmf(double k, double n, double p, double q);

/// P(X <= k) for X ~ Bin(n, 1/2), summed by neighbouring ratios from the end that falls.
/// k < 0 gives 0, k >= n gives 1. n <= 1e12; O(sqrt(n)) terms.
Probability fairBinomialCdf(std::int64_t k, std::int64_t n);

} // namespace switchyard::statistics
