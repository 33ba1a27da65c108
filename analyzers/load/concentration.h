#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace switchyard::analyzers {

/// How unevenly a load is spread over E experts. Everything but total and dead is undefined when
/// the total is 0. Source: methods of 2408.15664 (MaxVio); population standard deviation.
struct Concentration {
  std::int64_t total = 0;
  std::int64_t dead = 0; ///< experts with load 0
  std::optional<double> mean;
  std::optional<double> maxVio;            ///< max / mean - 1
  std::optional<double> minOverMean;
  std::optional<double> cv;                ///< standard deviation / mean
  std::optional<double> gini;              ///< sum (2i - E - 1) x_(i) / (E sum x), ascending, i from 1
  std::optional<double> entropy;           ///< nats
  std::optional<double> normalisedEntropy; ///< entropy / ln E; undefined for E = 1
  std::optional<double> effectiveExperts;  ///< e^entropy
};

/// load: one count per expert, >= 0. O(E log E).
Concentration concentration(std::span<const std::int64_t> load);

/// Load-balance loss E * sum f_e P_e with f = counts / (tokens k), P = probSum / tokens; uniform
/// routing gives 1. (The common training library sums over the k slots: k times this value.)
/// Source: 2501.11873. Nothing when tokens is 0.
std::optional<double> loadBalanceLoss(std::span<const std::int64_t> counts,
                                      std::span<const double> probSum, std::int64_t tokens, int k);

} // namespace switchyard::analyzers
