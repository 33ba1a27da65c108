#include "analyzers/statistics/strata.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/contingency.h"

namespace switchyard::statistics {

base::Result<std::vector<std::int64_t>> logPositionStrata(std::span<const std::int64_t> positions) {
  std::vector<std::int64_t> strata(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] < 0)
      return base::fail(
          base::ErrorCode::InvalidArgument,
          fmt::format("position strata: position {} of item {} is negative", positions[i], i));
    strata[i] = std::bit_width(static_cast<std::uint64_t>(positions[i]));
  }
  return strata;
}

base::Result<std::vector<std::int64_t>> quantileStrata(std::span<const std::int64_t> positions,
                                                       int bins) {
  if (bins < 1)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("position strata: {} bins; at least one is needed", bins));
  std::vector<std::int64_t> sorted(positions.begin(), positions.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> strata(positions.size());
  const auto count = static_cast<double>(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto below =
        std::lower_bound(sorted.begin(), sorted.end(), positions[i]) - sorted.begin();
    strata[i] = static_cast<std::int64_t>(static_cast<double>(below) * bins / count);
  }
  return strata;
}

base::Result<std::vector<std::int64_t>> crossStrata(std::span<const std::int64_t> first,
                                                    std::span<const std::int64_t> second) {
  SY_TRY(requireSameSize(first.size(), second.size(), "strata"));
  std::size_t firstCount = 0;
  std::size_t secondCount = 0;
  const std::vector<std::size_t> a = denseLabels(first, firstCount);
  const std::vector<std::size_t> b = denseLabels(second, secondCount);
  std::vector<std::int64_t> combined(first.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    combined[i] = static_cast<std::int64_t>(a[i] * secondCount + b[i]);
  std::size_t used = 0;
  const std::vector<std::size_t> dense = denseLabels(combined, used);
  std::copy(dense.begin(), dense.end(), combined.begin());
  return combined;
}

base::Result<StrataReport> reportStrata(std::span<const std::int64_t> labels,
                                        std::span<const std::int64_t> strata) {
  const Contingency table = SY_TRY(contingency(strata, labels));
  std::vector<int> labelsIn(table.rowSums.size());
  for (const Contingency::Cell& cell : table.cells)
    ++labelsIn[cell.row];
  StrataReport report;
  report.strata = static_cast<std::int64_t>(labelsIn.size());
  for (std::size_t row = 0; row < labelsIn.size(); ++row)
    report.movableItems += labelsIn[row] > 1 ? table.rowSums[row] : 0;
  return report;
}

} // namespace switchyard::statistics
