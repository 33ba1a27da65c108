#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

struct Assignment {
  double total = 0.0; ///< sum of the chosen cells, rows in order
  /// [rows] column of each row; -1 for a row left over (more rows than columns).
  std::vector<std::int64_t> columnOfRow;
};

enum class AssignmentGoal : std::uint8_t { LeastCost, GreatestGain };

/// Linear assignment: min(rows, columns) cells, no two in one row or column, of least (greatest)
/// total. costs: [rows, columns] row-major, finite, any sign. Among equally good assignments the
/// result is fixed but not otherwise specified.
/// Errors: InvalidArgument (shape, empty, costs whose sums overflow), NonFinite.
/// O(min^2 * max) by shortest augmenting paths. Source: Jonker and Volgenant 1987; Crouse 2016.
base::Result<Assignment> assign(std::span<const double> costs, std::size_t rows,
                                std::size_t columns, AssignmentGoal goal);

} // namespace switchyard::statistics
