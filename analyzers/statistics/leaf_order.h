#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analyzers/statistics/linkage.h"
#include "core/base/error.h"

namespace switchyard::statistics {

struct LeafOrder {
  std::vector<std::size_t> leaves;
  double length = 0.0; ///< sum of the distances of neighbours
};

/// Items that optimalLeafOrder accepts: it keeps n^2 doubles.
constexpr std::size_t kMaxOrderedItems = 2048;

/// The order of the leaves with the least sum of neighbouring distances among all 2^(n-1) flips of
/// the tree. Of two directions, the one whose first leaf is lower; of equally short orders, the one
/// with the lowest (first leaf, last leaf), then the lowest leaves where subtrees meet.
/// Errors: InvalidArgument (lengths), NonFinite, LimitExceeded. O(n^3) time, O(n^2) memory.
/// Source: Bar-Joseph et al. 2001, "Fast optimal leaf ordering for hierarchical clustering".
/// (scipy's optimal_leaf_ordering is not optimal: its issue 11227.)
base::Result<LeafOrder> optimalLeafOrder(const Dendrogram& tree, std::span<const double> condensed);

} // namespace switchyard::statistics
