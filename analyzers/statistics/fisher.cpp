#include "analyzers/statistics/fisher.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "analyzers/statistics/hypergeometric.h"

namespace switchyard::statistics {

namespace {

constexpr double kTieSlack = 1e-8;

/// Smallest x in (mode, largest + 1] that is no likelier than `limit`.
std::int64_t upperStart(const Hypergeometric& law, double limit) {
  std::int64_t low = law.mode();
  std::int64_t high = law.largest() + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (law.logPmf(middle) <= limit ? high : low) = middle;
  }
  return high;
}

/// Largest x in [smallest - 1, mode) that is no likelier than `limit`.
std::int64_t lowerEnd(const Hypergeometric& law, double limit) {
  std::int64_t low = law.smallest() - 1;
  std::int64_t high = law.mode();
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (law.logPmf(middle) <= limit ? low : high) = middle;
  }
  return low;
}

Probability twoSided(const Hypergeometric& law, std::int64_t a) {
  const double limit = law.logPmf(a) + kTieSlack;
  if (law.logPmf(law.mode()) <= limit)
    return {};
  if (a < law.mode())
    return sumOf(law.cdf(a), law.atLeast(upperStart(law, limit)));
  return sumOf(law.cdf(lowerEnd(law, limit)), law.atLeast(a));
}

} // namespace

base::Result<FisherTest> fisherExact(const Table2x2& table) {
  const auto [a, b, c, d] = table;
  const std::int64_t largest = std::max({a, b, c, d});
  if (std::min({a, b, c, d}) < 0 || largest > Hypergeometric::kMaxPopulation)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("Fisher's test: counts {}, {}, {}, {} must lie in 0..{}", a, b, c,
                                  d, Hypergeometric::kMaxPopulation));
  const auto law = SY_TRY(Hypergeometric::create(a + b + c + d, a + b, a + c));
  FisherTest test;
  test.greater = law.atLeast(a);
  test.less = law.cdf(a);
  test.twoSided = twoSided(law, a);
  const bool zeroMargin = a + b == 0 || c + d == 0 || a + c == 0 || b + d == 0;
  if (!zeroMargin)
    test.oddsRatio = b == 0 || c == 0 ? std::numeric_limits<double>::infinity()
                                      : static_cast<double>(a) / static_cast<double>(b) *
                                            static_cast<double>(d) / static_cast<double>(c);
  return test;
}

} // namespace switchyard::statistics
