#include <algorithm>
#include <cmath>

#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"
#include "analyzers/statistics/normal.h"

namespace switchyard::statistics {

namespace {

/// sum (mean - x)^3 / (6 (sum (mean - x)^2)^1.5); nothing when the values do not vary.
std::optional<double> accelerationOf(std::span<const double> leaveOneOut) {
  if (leaveOneOut.empty() || isConstant(leaveOneOut))
    return std::nullopt;
  const double mean = meanOf(leaveOneOut);
  double squares = 0.0;
  double cubes = 0.0;
  for (const double value : leaveOneOut) {
    const double difference = mean - value;
    squares += difference * difference;
    cubes += difference * difference * difference;
  }
  const double scale = squares * std::sqrt(squares);
  return scale > 0.0 ? std::optional(cubes / (6.0 * scale)) : std::nullopt;
}

double shareBelowOf(double estimate, std::span<const double> distribution) {
  double below = 0.0;
  for (const double value : distribution)
    below += value < estimate ? 1.0 : value == estimate ? 0.5 : 0.0;
  return below / static_cast<double>(distribution.size());
}

} // namespace

double quantileOfSorted(std::span<const double> sorted, double q) {
  const double position = static_cast<double>(sorted.size() - 1) * std::clamp(q, 0.0, 1.0);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size())
    return sorted.back();
  const double share = position - static_cast<double>(below);
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

base::Result<Interval> bootstrapInterval(double estimate, std::span<const double> distribution,
                                         std::span<const double> leaveOneOut, double level) {
  if (!(level > 0.0 && level < 1.0))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "bootstrap: the confidence level must lie between 0 and 1");
  SY_TRY(requireFinite(distribution, "bootstrap distribution"));
  SY_TRY(requireFinite(std::span(&estimate, 1), "bootstrap estimate"));
  std::vector<double> sorted(distribution.begin(), distribution.end());
  std::sort(sorted.begin(), sorted.end());
  const double tail = 0.5 * (1.0 - level);

  Interval interval;
  interval.percentile = {quantileOfSorted(sorted, tail), quantileOfSorted(sorted, 1.0 - tail)};
  interval.acceleration = accelerationOf(leaveOneOut);
  const bool varies = sorted.front() != sorted.back();
  if (varies)
    interval.shareBelow = shareBelowOf(estimate, distribution);
  if (varies && *interval.shareBelow > 0.0 && *interval.shareBelow < 1.0)
    interval.z0 = normalQuantile(*interval.shareBelow);
  if (!interval.z0 || !interval.acceleration)
    return interval;

  const double z0 = *interval.z0;
  const double acceleration = *interval.acceleration;
  const auto adjusted = [z0, acceleration](double z) {
    const double shifted = z0 + z;
    return normalCdf(z0 + shifted / (1.0 - acceleration * shifted));
  };
  const double z = normalQuantile(1.0 - tail);
  interval.bcaLevels = {adjusted(-z), adjusted(z)};
  interval.bca = {quantileOfSorted(sorted, (*interval.bcaLevels)[0]),
                  quantileOfSorted(sorted, (*interval.bcaLevels)[1])};
  return interval;
}

} // namespace switchyard::statistics
