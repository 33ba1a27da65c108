#include "analyzers/statistics/ranks.h"

#include <algorithm>
#include <numeric>

namespace switchyard::statistics {

AverageRanks averageRanks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  AverageRanks result;
  result.ranks.resize(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]])
      ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i)
      result.ranks[order[i]] = rank;
    result.groupSizes.push_back(static_cast<std::int64_t>(end - begin));
    begin = end;
  }
  return result;
}

} // namespace switchyard::statistics
