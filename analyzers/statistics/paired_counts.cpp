#include "analyzers/statistics/paired_counts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/normal.h"

namespace switchyard::statistics {

namespace {

/// Twice the probability of the smaller tail, capped at 1.
Probability twoTails(std::int64_t smaller, std::int64_t total) {
  const Probability tail = fairBinomialCdf(smaller, total);
  return {std::min(1.0, 2.0 * tail.p), std::min(0.0, tail.logP + std::numbers::ln2)};
}

} // namespace

base::Result<SignTest> signTest(std::span<const double> differences) {
  SY_TRY(requireFinite(differences, "sign test"));
  SignTest test;
  for (const double d : differences)
    ++(d > 0.0 ? test.plus : d < 0.0 ? test.minus : test.zero);
  const std::int64_t total = test.plus + test.minus;
  test.p.less = fairBinomialCdf(test.plus, total).p;
  test.p.greater = fairBinomialCdf(test.minus, total).p;
  test.p.twoSided = twoTails(std::min(test.plus, test.minus), total).p;
  return test;
}

base::Result<McNemarTest> mcNemar(std::int64_t b, std::int64_t c) {
  constexpr std::int64_t kLimit = 500'000'000'000;
  if (std::min(b, c) < 0 || std::max(b, c) > kLimit)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("McNemar's test: counts {} and {} must lie in 0..{}", b, c, kLimit));
  McNemarTest test;
  test.exact = twoTails(std::min(b, c), b + c);
  if (b + c == 0)
    return test;
  const auto total = static_cast<double>(b + c);
  const double gap = std::fabs(static_cast<double>(b - c));
  const double shortened = std::max(gap - 1.0, 0.0);
  test.chi2 = gap * gap / total;
  test.chi2Corrected = shortened * shortened / total;
  test.chi2P = chiSquare1Survival(*test.chi2);
  test.chi2CorrectedP = chiSquare1Survival(*test.chi2Corrected);
  return test;
}

} // namespace switchyard::statistics
