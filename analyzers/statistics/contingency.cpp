#include "analyzers/statistics/contingency.h"

#include <algorithm>
#include <utility>

#include "analyzers/statistics/checks.h"

namespace switchyard::statistics {

std::vector<std::size_t> denseLabels(std::span<const std::int64_t> labels, std::size_t& count) {
  std::vector<std::int64_t> distinct(labels.begin(), labels.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  count = distinct.size();
  std::vector<std::size_t> dense(labels.size());
  std::transform(labels.begin(), labels.end(), dense.begin(), [&distinct](std::int64_t label) {
    return static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), label) -
                                    distinct.begin());
  });
  return dense;
}

base::Result<Contingency> contingency(std::span<const std::int64_t> a,
                                      std::span<const std::int64_t> b) {
  SY_TRY(requireSameSize(a.size(), b.size(), "labels"));
  if (a.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "labels: none were given");
  std::size_t rows = 0;
  std::size_t columns = 0;
  const std::vector<std::size_t> rowOf = denseLabels(a, rows);
  const std::vector<std::size_t> columnOf = denseLabels(b, columns);
  std::vector<std::pair<std::size_t, std::size_t>> pairs(a.size());
  Contingency table;
  table.rowSums.resize(rows);
  table.columnSums.resize(columns);
  for (std::size_t i = 0; i < a.size(); ++i) {
    pairs[i] = {rowOf[i], columnOf[i]};
    ++table.rowSums[rowOf[i]];
    ++table.columnSums[columnOf[i]];
  }
  std::sort(pairs.begin(), pairs.end());
  for (const auto& [row, column] : pairs) {
    if (table.cells.empty() || table.cells.back().row != row || table.cells.back().column != column)
      table.cells.push_back({row, column, 0});
    ++table.cells.back().count;
  }
  return table;
}

} // namespace switchyard::statistics
