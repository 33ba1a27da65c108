#pragma once

#include <cstdint>

#include "analyzers/statistics/binomial.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Hypergeometric distribution: X = successes among `draws` items drawn without replacement from
/// `population` items of which `successes` are successes. Support: max(0, draws + successes -
/// population) .. min(draws, successes); k outside it is allowed everywhere.
/// Probabilities are the product of three saddle-point binomials (Loader 2000); tails are summed
/// by the ratio of neighbouring terms from the end that falls, so relative errors stay below 1e-11
/// even at a population of 1e9, where differences of log-gamma fail. O(standard deviation) terms.
class Hypergeometric {
public:
  static constexpr std::int64_t kMaxPopulation = 1'000'000'000'000;

  /// Errors: InvalidArgument unless 0 <= successes, draws <= population <= kMaxPopulation.
  static base::Result<Hypergeometric> create(std::int64_t population, std::int64_t successes,
                                             std::int64_t draws);

  std::int64_t smallest() const { return m_smallest; }
  std::int64_t largest() const { return m_largest; }
  /// A k with the greatest probability.
  std::int64_t mode() const { return m_mode; }

  double logPmf(std::int64_t k) const;
  Probability pmf(std::int64_t k) const { return fromLog(logPmf(k)); }
  Probability cdf(std::int64_t k) const;                                ///< P(X <= k)
  Probability atLeast(std::int64_t k) const;                            ///< P(X >= k)
  Probability survival(std::int64_t k) const { return atLeast(k + 1); } ///< P(X > k)

private:
  Hypergeometric(std::int64_t population, std::int64_t successes, std::int64_t draws);
  Probability fallingUp(std::int64_t k) const;
  Probability fallingDown(std::int64_t k) const;

  std::int64_t m_population, m_successes, m_draws;
  std::int64_t m_smallest, m_largest, m_mode;
};

} // namespace switchyard::statistics
