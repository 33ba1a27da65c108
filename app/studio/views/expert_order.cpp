#include "app/studio/views/expert_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "analyzers/statistics/linkage.h"

namespace switchyard::studio {

namespace {

ExpertOrder asGiven(int rows, int columns) {
  ExpertOrder result;
  result.order.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < result.order.size(); ++i)
    result.order[i] = static_cast<int>(i % static_cast<std::size_t>(columns));
  return result;
}

std::span<int> rowOf(ExpertOrder& order, int row, int columns) {
  return std::span(order.order)
      .subspan(static_cast<std::size_t>(row) * static_cast<std::size_t>(columns),
               static_cast<std::size_t>(columns));
}

} // namespace

ExpertOrder orderByValue(const std::vector<double>& values, int rows, int columns) {
  ExpertOrder result = asGiven(rows, columns);
  for (int row = 0; row < rows; ++row) {
    const auto value = [&](int column) {
      return values[static_cast<std::size_t>(row * columns + column)];
    };
    std::ranges::stable_sort(rowOf(result, row, columns), [&](int a, int b) {
      if (std::isnan(value(a)) || std::isnan(value(b)))
        return !std::isnan(value(a)) && std::isnan(value(b));
      return value(a) > value(b);
    });
  }
  return result;
}

ExpertOrder orderPinnedFirst(int rows, int columns, const std::vector<std::pair<int, int>>& first) {
  ExpertOrder result = asGiven(rows, columns);
  for (int row = 0; row < rows; ++row)
    std::ranges::stable_partition(rowOf(result, row, columns), [&](int column) {
      return std::ranges::find(first, std::pair(row, column)) != first.end();
    });
  return result;
}

ExpertOrder orderByCluster(const std::vector<std::vector<double>>& profiles, int rows,
                           int columns) {
  ExpertOrder result = asGiven(rows, columns);
  result.trees.resize(static_cast<std::size_t>(rows));
  const auto n = static_cast<std::size_t>(columns);
  for (int row = 0; row < rows && row < static_cast<int>(profiles.size()); ++row) {
    const std::vector<double>& profile = profiles[static_cast<std::size_t>(row)];
    const std::size_t features = n == 0 ? 0 : profile.size() / n;
    if (features == 0 || n < 2)
      continue;
    std::vector<double> distances;
    distances.reserve(n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j) {
        double sum = 0;
        for (std::size_t f = 0; f < features; ++f) {
          const double a = profile[i * features + f], b = profile[j * features + f];
          const double d = (std::isfinite(a) ? a : 0) - (std::isfinite(b) ? b : 0);
          sum += d * d;
        }
        distances.push_back(std::sqrt(sum));
      }
    const auto tree = statistics::linkage(n, distances, statistics::LinkageMethod::Average);
    if (!tree)
      continue;
    const std::vector<std::size_t> leaves = statistics::leavesOf(*tree);
    std::vector<int> placeOf(n);
    for (std::size_t place = 0; place < n; ++place) {
      rowOf(result, row, columns)[place] = static_cast<int>(leaves[place]);
      placeOf[leaves[place]] = static_cast<int>(place);
    }
    for (const statistics::Merge& merge : tree->merges) {
      const auto node = [&](std::size_t index) {
        return index < n ? placeOf[index] : static_cast<int>(index);
      };
      result.trees[static_cast<std::size_t>(row)].push_back(
          {node(merge.first), node(merge.second), merge.height});
    }
  }
  return result;
}

} // namespace switchyard::studio
