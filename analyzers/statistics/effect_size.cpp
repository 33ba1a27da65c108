#include "analyzers/statistics/effect_size.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"

namespace switchyard::statistics {

base::Result<GroupEffect> groupEffect(std::span<const double> first,
                                      std::span<const double> second) {
  SY_TRY(requireFinite(first, "effect size, first group"));
  SY_TRY(requireFinite(second, "effect size, second group"));
  const double meanFirst = meanOf(first);
  const double meanSecond = meanOf(second);
  GroupEffect effect;
  effect.meanDifference = meanFirst - meanSecond;

  const double degrees = static_cast<double>(first.size() + second.size()) - 2.0;
  const bool varies = !isConstant(first) || !isConstant(second);
  if (degrees > 0.0 && varies) {
    const double squares = squaresAbout(first, meanFirst) + squaresAbout(second, meanSecond);
    effect.cohensD = effect.meanDifference / std::sqrt(squares / degrees);
    if (degrees > 1.0)
      effect.hedgesG = *effect.cohensD * (1.0 - 3.0 / (4.0 * degrees - 1.0));
  }

  std::vector<double> sorted(second.begin(), second.end());
  std::sort(sorted.begin(), sorted.end());
  double excess = 0.0;
  for (const double value : first) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), value);
    excess += static_cast<double>(below - above);
  }
  effect.cliffsDelta =
      excess / static_cast<double>(first.size()) / static_cast<double>(second.size());
  return effect;
}

base::Result<std::optional<double>> cramersV(std::span<const double> counts, std::size_t rows,
                                             std::size_t columns) {
  if (columns == 0 || counts.size() / columns != rows || counts.size() % columns != 0)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("Cramer's V: {} counts are not {} x {}", counts.size(), rows, columns));
  SY_TRY(requireFinite(counts, "Cramer's V"));
  if (std::any_of(counts.begin(), counts.end(), [](double count) { return count < 0.0; }))
    return base::fail(base::ErrorCode::InvalidArgument, "Cramer's V: counts must not be negative");
  std::vector<double> rowSums(rows);
  std::vector<double> columnSums(columns);
  double total = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    rowSums[i / columns] += counts[i];
    columnSums[i % columns] += counts[i];
    total += counts[i];
  }
  const auto used = [](std::span<const double> sums) {
    return static_cast<double>(
        std::count_if(sums.begin(), sums.end(), [](double sum) { return sum > 0.0; }));
  };
  const double smaller = std::min(used(rowSums), used(columnSums));
  if (smaller < 2.0)
    return std::optional<double>{};
  double chi2 = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = rowSums[i / columns] / total * columnSums[i % columns];
    if (expected > 0.0)
      chi2 += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return std::optional(std::min(std::sqrt(chi2 / total / (smaller - 1.0)), 1.0));
}

double cohensH(double p1, double p2) {
  return 2.0 * std::asin(std::sqrt(p1)) - 2.0 * std::asin(std::sqrt(p2));
}

LogOdds logOddsRatio(const Table2x2& table) {
  const double a = static_cast<double>(table.a) + 0.5;
  const double b = static_cast<double>(table.b) + 0.5;
  const double c = static_cast<double>(table.c) + 0.5;
  const double d = static_cast<double>(table.d) + 0.5;
  return {std::log(a / b) + std::log(d / c), std::sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)};
}

} // namespace switchyard::statistics
