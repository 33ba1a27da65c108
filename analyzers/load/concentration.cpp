#include "analyzers/load/concentration.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace switchyard::analyzers {

Concentration concentration(std::span<const std::int64_t> load) {
  Concentration c;
  for (std::int64_t x : load) {
    c.total += x;
    c.dead += x == 0;
  }
  if (c.total == 0)
    return c;
  std::vector<std::int64_t> sorted(load.begin(), load.end());
  std::ranges::sort(sorted);
  const auto experts = static_cast<double>(load.size());
  const auto sum = static_cast<double>(c.total);
  const double mean = sum / experts;
  double squares = 0, gini = 0, entropy = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto x = static_cast<double>(sorted[i]);
    squares += (x - mean) * (x - mean);
    gini += (2 * static_cast<double>(i + 1) - experts - 1) * x;
    if (sorted[i] > 0)
      entropy -= x / sum * std::log(x / sum);
  }
  entropy = std::max(entropy, 0.0);
  c.mean = mean;
  // max/mean - 1 with one rounding less: the difference is an integer.
  c.maxVio = (static_cast<double>(sorted.back()) * experts - sum) / sum;
  c.minOverMean = static_cast<double>(sorted.front()) * experts / sum;
  c.cv = std::sqrt(squares / experts) / mean;
  c.gini = gini / (experts * sum);
  c.entropy = entropy;
  if (load.size() > 1)
    c.normalisedEntropy = entropy / std::log(experts);
  c.effectiveExperts = std::exp(entropy);
  return c;
}

std::optional<double> loadBalanceLoss(std::span<const std::int64_t> counts,
                                      std::span<const double> probSum, std::int64_t tokens, int k) {
  if (tokens <= 0 || k <= 0)
    return std::nullopt;
  const auto n = static_cast<double>(tokens);
  double sum = 0;
  for (std::size_t e = 0; e < counts.size(); ++e)
    sum += static_cast<double>(counts[e]) / (n * k) * (probSum[e] / n);
  return sum * static_cast<double>(counts.size());
}

} // namespace switchyard::analyzers
