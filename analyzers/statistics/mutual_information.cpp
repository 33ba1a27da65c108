#include "analyzers/statistics/mutual_information.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/contingency.h"

namespace switchyard::statistics {

namespace {

/// One cell's n_ij ln(n_ij n / (a b)).
double cellTerm(double cell, double rowSum, double columnSum, double total) {
  return cell > 0.0 ? cell * std::log(cell / rowSum * (total / columnSum)) : 0.0;
}

} // namespace

base::Result<double> mutualInformation(std::span<const double> counts, std::size_t rows,
                                       std::size_t columns) {
  if (columns == 0 || counts.size() / columns != rows || counts.size() % columns != 0)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("mutual information: {} counts are not {} x {}", counts.size(), rows, columns));
  SY_TRY(requireFinite(counts, "mutual information"));
  if (std::any_of(counts.begin(), counts.end(), [](double count) { return count < 0.0; }))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "mutual information: counts must not be negative");
  std::vector<double> rowSums(rows);
  std::vector<double> columnSums(columns);
  double total = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    rowSums[i / columns] += counts[i];
    columnSums[i % columns] += counts[i];
    total += counts[i];
  }
  if (total == 0.0)
    return 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    sum += cellTerm(counts[i], rowSums[i / columns], columnSums[i % columns], total);
  return std::max(sum / total, 0.0);
}

base::Result<double> mutualInformation(std::span<const std::int64_t> a,
                                       std::span<const std::int64_t> b) {
  const Contingency table = SY_TRY(contingency(a, b));
  const auto total = static_cast<double>(a.size());
  double sum = 0.0;
  for (const Contingency::Cell& cell : table.cells)
    sum += cellTerm(static_cast<double>(cell.count), static_cast<double>(table.rowSums[cell.row]),
                    static_cast<double>(table.columnSums[cell.column]), total);
  return std::max(sum / total, 0.0);
}

double mutualInformationBias(double rows, double columns, double n) {
  return (rows - 1.0) * (columns - 1.0) / (2.0 * n);
}

} // namespace switchyard::statistics
