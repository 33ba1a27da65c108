#include "analyzers/statistics/distances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"

namespace switchyard::statistics {

namespace {

/// The weights divided by their sum; empty when all are zero.
base::Result<std::vector<double>> normalise(std::span<const double> weights) {
  SY_TRY(requireFinite(weights, "weights"));
  double largest = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0.0)
      return base::fail(
          base::ErrorCode::InvalidArgument,
          fmt::format("weight {} is {}; weights must not be negative", i, weights[i]));
    largest = std::max(largest, weights[i]);
  }
  if (largest == 0.0)
    return std::vector<double>{};
  std::vector<double> shares(weights.begin(), weights.end());
  double sum = 0.0;
  for (double& share : shares) {
    share /= largest; // keeps the sum finite
    sum += share;
  }
  for (double& share : shares)
    share /= sum;
  return shares;
}

double kullbackLeibler(std::span<const double> p, std::span<const double> q) {
  double sum = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0.0 && q[i] == 0.0)
      return std::numeric_limits<double>::infinity();
    if (p[i] > 0.0) {
      // p ln(p/q) - p + q is never negative: adding such terms does not cancel near p = q.
      const double excess = (p[i] - q[i]) / q[i];
      const double term = std::fabs(excess) < 0.5 ? p[i] * std::log1p(excess) - q[i] * excess
                                                  : p[i] * std::log(p[i] / q[i]) - p[i] + q[i];
      sum += term;
    } else {
      sum += q[i];
    }
  }
  return sum;
}

} // namespace

base::Result<std::optional<Entropy>> entropy(std::span<const double> weights) {
  const std::vector<double> p = SY_TRY(normalise(weights));
  if (p.empty())
    return std::optional<Entropy>{};
  Entropy result;
  for (const double share : p) {
    if (share > 0.0)
      result.nats -= share * std::log(share);
    result.gw -= share * std::log(share + 1e-5);
  }
  result.nats = std::max(result.nats, 0.0);
  result.bits = result.nats / std::numbers::ln2;
  if (p.size() > 1)
    result.normalised = result.nats / std::log(static_cast<double>(p.size()));
  return std::optional(result);
}

base::Result<std::optional<Distances>> distances(std::span<const double> pWeights,
                                                 std::span<const double> qWeights) {
  SY_TRY(requireSameSize(pWeights.size(), qWeights.size(), "distributions"));
  const std::vector<double> p = SY_TRY(normalise(pWeights));
  const std::vector<double> q = SY_TRY(normalise(qWeights));
  if (p.empty() || q.empty())
    return std::optional<Distances>{};
  Distances result;
  std::vector<double> middle(p.size());
  double rootSquares = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    middle[i] = 0.5 * (p[i] + q[i]);
    const double difference = p[i] - q[i];
    result.totalVariation += 0.5 * std::fabs(difference);
    const double roots = std::sqrt(p[i]) + std::sqrt(q[i]);
    if (roots > 0.0)
      rootSquares += (difference / roots) * (difference / roots);
  }
  result.klPQ = kullbackLeibler(p, q);
  result.klQP = kullbackLeibler(q, p);
  result.jsDivergence = std::clamp(0.5 * (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)),
                                   0.0, std::numbers::ln2);
  result.jsDistance = std::sqrt(result.jsDivergence);
  result.totalVariation = std::min(result.totalVariation, 1.0);
  result.hellinger = std::min(std::sqrt(0.5 * rootSquares), 1.0);
  return std::optional(result);
}

double jsDivergenceBias(double categories, double n1, double n2) {
  return (categories - 1.0) / 8.0 * (1.0 / n1 + 1.0 / n2);
}

double entropyBias(double categories, double n) {
  return (categories - 1.0) / (2.0 * n);
}

base::Result<std::optional<double>> cosine(std::span<const double> u, std::span<const double> v) {
  SY_TRY(requireSameSize(u.size(), v.size(), "cosine"));
  SY_TRY(requireFinite(u, "cosine, first vector"));
  SY_TRY(requireFinite(v, "cosine, second vector"));
  const auto largest = [](std::span<const double> values) {
    double size = 0.0;
    for (const double value : values)
      size = std::max(size, std::fabs(value));
    return size;
  };
  const double scaleU = largest(u);
  const double scaleV = largest(v);
  if (scaleU == 0.0 || scaleV == 0.0)
    return std::optional<double>{};
  double product = 0.0;
  double squaresU = 0.0;
  double squaresV = 0.0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double a = u[i] / scaleU;
    const double b = v[i] / scaleV;
    product += a * b;
    squaresU += a * a;
    squaresV += b * b;
  }
  return std::optional(std::clamp(product / std::sqrt(squaresU * squaresV), -1.0, 1.0));
}

double angularSimilarity(double cosine) {
  return 1.0 - std::acos(std::clamp(cosine, -1.0, 1.0)) / std::numbers::pi;
}

} // namespace switchyard::statistics
