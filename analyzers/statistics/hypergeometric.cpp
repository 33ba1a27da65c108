#include "analyzers/statistics/hypergeometric.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace switchyard::statistics {

namespace {
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
constexpr double kNegligible = 1e-18;
} // namespace

base::Result<Hypergeometric> Hypergeometric::create(std::int64_t population, std::int64_t successes,
                                                    std::int64_t draws) {
  const auto within = [population](std::int64_t count) {
    return count >= 0 && count <= population;
  };
  if (population < 0 || population > kMaxPopulation || !within(successes) || !within(draws))
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("hypergeometric: population {}, successes {}, draws {}; need 0 <= "
                    "successes, draws <= population <= {}",
                    population, successes, draws, kMaxPopulation));
  return Hypergeometric(population, successes, draws);
}

Hypergeometric::Hypergeometric(std::int64_t population, std::int64_t successes, std::int64_t draws)
    : m_population(population), m_successes(successes), m_draws(draws),
      m_smallest(std::max<std::int64_t>(0, draws + successes - population)),
      m_largest(std::min(draws, successes)) {
  const long double mode = (static_cast<long double>(draws) + 1) *
                           (static_cast<long double>(successes) + 1) /
                           (static_cast<long double>(population) + 2);
  m_mode = std::clamp(static_cast<std::int64_t>(mode), m_smallest, m_largest);
}

double Hypergeometric::logPmf(std::int64_t k) const {
  if (k < m_smallest || k > m_largest)
    return kMinusInfinity;
  if (m_smallest == m_largest)
    return 0.0;
  const auto population = static_cast<double>(m_population);
  const auto successes = static_cast<double>(m_successes);
  const auto draws = static_cast<double>(m_draws);
  const auto hits = static_cast<double>(k);
  const double p = draws / population;
  const double q = (population - draws) / population;
  return logBinomialPmf(hits, successes, p, q) +
         logBinomialPmf(draws - hits, population - successes, p, q) -
         logBinomialPmf(draws, population, p, q);
}

Probability Hypergeometric::fallingUp(std::int64_t k) const {
  const auto successes = static_cast<double>(m_successes);
  const auto draws = static_cast<double>(m_draws);
  const double failuresLeft = static_cast<double>(m_population - m_successes - m_draws);
  double term = 1.0;
  double sum = 1.0;
  for (auto x = static_cast<double>(k);
       x < static_cast<double>(m_largest) && term > kNegligible * sum; x += 1.0) {
    term *= (successes - x) * (draws - x) / ((x + 1.0) * (failuresLeft + x + 1.0));
    sum += term;
  }
  return fromLog(logPmf(k) + std::log(sum));
}

Probability Hypergeometric::fallingDown(std::int64_t k) const {
  const auto successes = static_cast<double>(m_successes);
  const auto draws = static_cast<double>(m_draws);
  const double failuresLeft = static_cast<double>(m_population - m_successes - m_draws);
  double term = 1.0;
  double sum = 1.0;
  for (auto x = static_cast<double>(k);
       x > static_cast<double>(m_smallest) && term > kNegligible * sum; x -= 1.0) {
    term *= x * (failuresLeft + x) / ((successes - x + 1.0) * (draws - x + 1.0));
    sum += term;
  }
  return fromLog(logPmf(k) + std::log(sum));
}

Probability Hypergeometric::cdf(std::int64_t k) const {
  if (k < m_smallest)
    return {0.0, kMinusInfinity};
  if (k >= m_largest)
    return {};
  return k < m_mode ? fallingDown(k) : complementOf(fallingUp(k + 1));
}

Probability Hypergeometric::atLeast(std::int64_t k) const {
  if (k <= m_smallest)
    return {};
  if (k > m_largest)
    return {0.0, kMinusInfinity};
  return k > m_mode ? fallingUp(k) : complementOf(fallingDown(k - 1));
}

} // namespace switchyard::statistics
