#pragma once

#include <optional>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Shannon entropy of a weight vector divided by its sum; 0 ln 0 = 0.
struct Entropy {
  double nats = 0.0;
  double bits = 0.0;
  std::optional<double> normalised; ///< nats / ln E; nothing for E = 1
  /// sum p (-ln(p + 1e-5)), the form that GW-MoE's threshold of 1.8 is meant for; -1e-5 for a
  /// spike.
  double gw = 0.0;
};

/// Distances of two distributions given as weights, each divided by its sum first. Natural
/// logarithms. Nothing where a vector is all zero.
struct Distances {
  double klPQ = 0.0; ///< sum p ln(p/q); +inf when some p > 0 = q
  double klQP = 0.0;
  double jsDivergence = 0.0;   ///< (KL(p|m) + KL(q|m))/2, m = (p+q)/2; 0..ln 2
  double jsDistance = 0.0;     ///< its square root, a metric
  double totalVariation = 0.0; ///< sum |p - q| / 2; 0..1
  double hellinger = 0.0;      ///< sqrt(sum (sqrt p - sqrt q)^2 / 2); 0..1
};

/// Weights must be finite and >= 0. Errors: InvalidArgument (empty, negative), NonFinite.
base::Result<std::optional<Entropy>> entropy(std::span<const double> weights);

/// As entropy(); both vectors must have the same length.
///
/// Bias: distances of *estimated* distributions are too large, the more so the fewer the counts.
/// Two samples of one distribution over K categories do not give 0 but about
/// jsDivergenceBias(K, n1, n2); compare with a permutation null (permutation.h) or report that
/// figure beside the distance.
base::Result<std::optional<Distances>> distances(std::span<const double> p,
                                                 std::span<const double> q);

/// Expected Jensen-Shannon divergence (nats) between two samples of sizes n1, n2 >= 1 from the same
/// distribution over K categories: (K-1)/8 (1/n1 + 1/n2), first order in 1/n.
double jsDivergenceBias(double categories, double n1, double n2);

/// Expected shortfall of the plug-in entropy (nats): (K-1)/(2n) (Miller 1955).
double entropyBias(double categories, double n);

/// Cosine of two real vectors, clamped to [-1, 1]; nothing when one is all zero.
base::Result<std::optional<double>> cosine(std::span<const double> u, std::span<const double> v);

/// 1 - arccos(cosine)/pi, which averages meaningfully where the cosine does not.
double angularSimilarity(double cosine);

} // namespace switchyard::statistics
