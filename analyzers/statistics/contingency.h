#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

/// The non-empty cells of the table of two label columns, by row, then column. Rows and columns
/// number the distinct labels in ascending order.
struct Contingency {
  struct Cell {
    std::size_t row = 0, column = 0;
    std::int64_t count = 0;
  };
  std::vector<Cell> cells;
  std::vector<std::int64_t> rowSums, columnSums;
};

/// Errors: InvalidArgument (empty, unequal lengths). O(n log n).
base::Result<Contingency> contingency(std::span<const std::int64_t> a,
                                      std::span<const std::int64_t> b);

/// Labels replaced by 0, 1, 2, ... in ascending order of label; `count` gets how many there are.
std::vector<std::size_t> denseLabels(std::span<const std::int64_t> labels, std::size_t& count);

} // namespace switchyard::statistics
