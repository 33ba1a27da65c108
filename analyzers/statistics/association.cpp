#include "analyzers/statistics/association.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/statistics/normal.h"

namespace switchyard::statistics {

namespace {

/// O ln(O/E) - (O - E), never negative; the added parts cancel over the whole table.
double gTerm(double observed, double expected, double difference) {
  if (observed == 0.0)
    return expected;
  const double excess = difference / expected;
  const double logRatio =
      std::fabs(excess) < 0.5 ? std::log1p(excess) : std::log(observed / expected);
  return observed * logRatio - difference;
}

} // namespace

base::Result<Association> associate(const JointCounts& counts) {
  const auto [first, second, both, total] = counts;
  constexpr std::int64_t kMaxTotal = std::int64_t{1} << 53;
  if (both < 0 || first < both || second < both || total > kMaxTotal || first > total ||
      second > total || first - both > total - second)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("association: {} and {} events, {} together, {} trials do not "
                                  "make a table",
                                  first, second, both, total));
  const auto n1 = static_cast<double>(first);
  const auto n2 = static_cast<double>(second);
  const auto n12 = static_cast<double>(both);
  const auto n = static_cast<double>(total);
  Association result;
  if (first > 0 && second > 0)
    result.lift = n12 / n1 * n / n2;
  if (first > 0 || second > 0)
    result.jaccard = n12 / (n1 + n2 - n12);
  if (first == 0 || second == 0 || first == total || second == total)
    return result;

  // Every cell is off its expectation by the same amount, with alternating sign.
  const double difference = (n12 * (n - n1 - n2 + n12) - (n1 - n12) * (n2 - n12)) / n;
  const double rest1 = n - n1;
  const double rest2 = n - n2;
  result.phi =
      std::clamp(difference / std::sqrt(n1 / n * rest1) / std::sqrt(n2 / n * rest2), -1.0, 1.0);
  const double sum = gTerm(n12, n1 * n2 / n, difference) +
                     gTerm(n1 - n12, n1 * rest2 / n, -difference) +
                     gTerm(n2 - n12, rest1 * n2 / n, -difference) +
                     gTerm(n - n1 - n2 + n12, rest1 * rest2 / n, difference);
  result.g = std::max(2.0 * sum, 0.0);
  result.gP = chiSquare1Survival(*result.g);
  result.gLogP = logChiSquare1Survival(*result.g);
  return result;
}

double fixedKLift(int k, int experts) {
  return static_cast<double>(k - 1) * experts / (static_cast<double>(k) * (experts - 1));
}

std::optional<double> pairsOverUniformRouting(std::int64_t both, std::int64_t total, int k,
                                              int experts) {
  if (k < 2 || experts < 2 || total <= 0)
    return std::nullopt;
  const double share =
      static_cast<double>(k) * (k - 1) / (static_cast<double>(experts) * (experts - 1));
  return static_cast<double>(both) / (static_cast<double>(total) * share);
}

} // namespace switchyard::statistics
