#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::statistics {

/// Ranks from 1 in ascending order, equal values sharing the mean of their ranks, and the sizes of
/// the groups of equal values (ascending values; groups of one included).
struct AverageRanks {
  std::vector<double> ranks; ///< in the order of the input; multiples of 1/2
  std::vector<std::int64_t> groupSizes;
};

/// Values must not contain NaN (callers check). O(n log n).
AverageRanks averageRanks(std::span<const double> values);

} // namespace switchyard::statistics
