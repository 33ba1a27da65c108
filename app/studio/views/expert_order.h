#pragma once

#include <vector>

#include "core/trace/result.h"

namespace switchyard::studio {

/// Places of the experts of each row, and the trees behind them where they were clustered.
struct ExpertOrder {
  std::vector<int> order; ///< [rows * columns] column at each place
  std::vector<std::vector<trace::DendrogramMerge>> trees;
};

/// Each row by falling value; NaN last, equal ones by number.
ExpertOrder orderByValue(const std::vector<double>& values, int rows, int columns);
/// The columns of `first` at the front of their row, the others as they are.
ExpertOrder orderPinnedFirst(int rows, int columns, const std::vector<std::pair<int, int>>& first);
/// Each row by average linkage of the Euclidean distance between its columns' profiles.
/// profiles: [rows][columns * features], NaN counts as 0. Rows without a profile keep their order.
ExpertOrder orderByCluster(const std::vector<std::vector<double>>& profiles, int rows, int columns);

} // namespace switchyard::studio
