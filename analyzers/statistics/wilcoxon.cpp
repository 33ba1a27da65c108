#include "analyzers/statistics/wilcoxon.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/normal.h"
#include "analyzers/statistics/ranks.h"

namespace switchyard::statistics {

namespace {

struct SignedRanks {
  std::vector<double> differences; ///< that were ranked
  AverageRanks ranks;
  std::int64_t zeros = 0;
  double plus = 0.0;
  double minus = 0.0;
};

SignedRanks rankDifferences(std::span<const double> differences, bool keepZeros) {
  SignedRanks result;
  result.zeros = std::count(differences.begin(), differences.end(), 0.0);
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(result.differences),
               [keepZeros](double d) { return keepZeros || d != 0.0; });
  std::vector<double> sizes(result.differences.size());
  std::transform(result.differences.begin(), result.differences.end(), sizes.begin(),
                 [](double d) { return std::fabs(d); });
  result.ranks = averageRanks(sizes);
  for (std::size_t i = 0; i < result.differences.size(); ++i) {
    if (result.differences[i] > 0.0)
      result.plus += result.ranks.ranks[i];
    else if (result.differences[i] < 0.0)
      result.minus += result.ranks.ranks[i];
  }
  return result;
}

double sumOfSquares6(double n) {
  return n * (n + 1.0) * (2.0 * n + 1.0);
}

ThreePValues normalPValues(double deviation, double sd, double correction) {
  const double direction = deviation > 0.0 ? 1.0 : deviation < 0.0 ? -1.0 : 0.0;
  const double twoSided = (deviation - correction * direction) / sd;
  return {2.0 * normalSurvival(std::fabs(twoSided)), normalSurvival((deviation - correction) / sd),
          normalCdf((deviation + correction) / sd)};
}

} // namespace

base::Result<std::optional<WilcoxonNormal>> wilcoxonNormal(std::span<const double> differences,
                                                           ZeroRule zeros) {
  SY_TRY(requireFinite(differences, "Wilcoxon test"));
  const SignedRanks ranked = rankDifferences(differences, zeros != ZeroRule::Drop);
  if (ranked.plus + ranked.minus == 0.0)
    return std::optional<WilcoxonNormal>{};

  WilcoxonNormal test;
  test.n = static_cast<std::int64_t>(ranked.differences.size());
  test.rPlus = ranked.plus;
  test.rMinus = ranked.minus;
  const auto n = static_cast<double>(test.n);
  const auto zeroCount = static_cast<double>(ranked.zeros);
  double mean = n * (n + 1.0) / 4.0;
  double variance24 = sumOfSquares6(n);
  std::span<const std::int64_t> groups = ranked.ranks.groupSizes;
  if (zeros == ZeroRule::Pratt && ranked.zeros > 0) {
    mean -= zeroCount * (zeroCount + 1.0) / 4.0;
    variance24 -= sumOfSquares6(zeroCount);
    groups = groups.subspan(1);
  } else if (zeros == ZeroRule::Split && ranked.zeros > 0) {
    const double half = 0.5 * zeroCount * (zeroCount + 1.0) / 2.0;
    test.rPlus += half;
    test.rMinus += half;
  }
  for (const std::int64_t size : groups) {
    const auto t = static_cast<double>(size);
    variance24 -= 0.5 * t * (t * t - 1.0);
  }
  const double sd = std::sqrt(variance24 / 24.0);
  const double deviation = test.rPlus - mean;
  test.z = deviation / sd;
  test.p = normalPValues(deviation, sd, 0.0);
  test.pCorrected = normalPValues(deviation, sd, 0.5);
  return std::optional(test);
}

base::Result<std::optional<WilcoxonExact>> wilcoxonExact(std::span<const double> differences) {
  SY_TRY(requireFinite(differences, "Wilcoxon test"));
  const SignedRanks ranked = rankDifferences(differences, false);
  const std::size_t n = ranked.differences.size();
  if (n == 0)
    return std::optional<WilcoxonExact>{};
  if (n > kWilcoxonExactLimit)
    return base::fail(
        base::ErrorCode::LimitExceeded,
        fmt::format("exact Wilcoxon test: {} nonzero differences, at most {}; use the "
                    "normal approximation",
                    n, kWilcoxonExactLimit));

  // Doubled ranks are integers. probability[s] = P(2 R+ = s) over the signs met so far.
  std::vector<double> probability(n * (n + 1) + 1, 0.0);
  probability[0] = 1.0;
  std::size_t reach = 0;
  for (const double rank : ranked.ranks.ranks) {
    const auto step = static_cast<std::size_t>(2.0 * rank);
    reach += step;
    for (std::size_t s = reach + 1; s-- > 0;)
      probability[s] = 0.5 * (probability[s] + (s >= step ? probability[s - step] : 0.0));
  }
  const auto observed = static_cast<std::size_t>(2.0 * ranked.plus);
  WilcoxonExact test;
  test.p = {0.0, 0.0, 0.0};
  for (std::size_t s = 0; s <= observed; ++s)
    test.p.less += probability[s];
  for (std::size_t s = reach + 1; s-- > observed;)
    test.p.greater += probability[s];
  test.p.twoSided = std::min(1.0, 2.0 * std::min(test.p.less, test.p.greater));
  test.rankBiserial = (ranked.plus - ranked.minus) / (ranked.plus + ranked.minus);
  return std::optional(test);
}

} // namespace switchyard::statistics
