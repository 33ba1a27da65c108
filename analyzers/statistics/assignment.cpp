#include "analyzers/statistics/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"

namespace switchyard::statistics {

namespace {

/// costs [n, m] with n <= m. Returns the row of each column, or kNone.
class ShortestPaths {
public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  ShortestPaths(std::span<const double> costs, std::size_t rows, std::size_t columns)
      : m_costs(costs), m_columns(columns), m_rowPrice(rows, 0.0), m_columnPrice(columns, 0.0),
        m_rowOfColumn(columns, kNone), m_columnOfRow(rows, kNone), m_distance(columns),
        m_previousRow(columns), m_done(columns) {
    for (std::size_t row = 0; row < rows; ++row)
      augment(row);
  }

  const std::vector<std::size_t>& rowOfColumn() const { return m_rowOfColumn; }

private:
  /// Dijkstra over reduced costs from a free row to the nearest free column, then flips the path.
  void augment(std::size_t start) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    m_distance.assign(m_columns, kInfinity);
    m_done.assign(m_columns, false);
    std::size_t row = start;
    std::size_t column = kNone;
    double reached = 0.0;
    do {
      std::size_t next = kNone;
      double least = kInfinity;
      for (std::size_t j = 0; j < m_columns; ++j) {
        if (m_done[j])
          continue;
        const double through =
            reached + m_costs[row * m_columns + j] - m_rowPrice[row] - m_columnPrice[j];
        if (through < m_distance[j]) {
          m_distance[j] = through;
          m_previousRow[j] = row;
        }
        // A free column wins ties: the path ends there.
        if (m_distance[j] < least || (m_distance[j] == least && next != kNone &&
                                      m_rowOfColumn[j] == kNone && m_rowOfColumn[next] != kNone)) {
          least = m_distance[j];
          next = j;
        }
      }
      reached = least;
      column = next;
      m_done[column] = true;
      row = m_rowOfColumn[column];
    } while (row != kNone);

    m_rowPrice[start] += reached;
    for (std::size_t j = 0; j < m_columns; ++j)
      if (m_done[j] && j != column) {
        m_rowPrice[m_rowOfColumn[j]] += reached - m_distance[j];
        m_columnPrice[j] -= reached - m_distance[j];
      }
    for (;;) {
      const std::size_t from = m_previousRow[column];
      const std::size_t before = m_columnOfRow[from];
      m_rowOfColumn[column] = from;
      m_columnOfRow[from] = column;
      if (from == start)
        break;
      column = before;
    }
  }

  std::span<const double> m_costs;
  std::size_t m_columns;
  std::vector<double> m_rowPrice, m_columnPrice;
  std::vector<std::size_t> m_rowOfColumn, m_columnOfRow;
  std::vector<double> m_distance;
  std::vector<std::size_t> m_previousRow;
  std::vector<bool> m_done;
};

} // namespace

base::Result<Assignment> assign(std::span<const double> costs, std::size_t rows,
                                std::size_t columns, AssignmentGoal goal) {
  if (rows == 0 || columns == 0 || costs.size() / columns != rows || costs.size() % columns != 0)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("assignment: {} costs are not {} x {}", costs.size(), rows, columns));
  SY_TRY(requireFinite(costs, "assignment"));
  const double bound =
      std::numeric_limits<double>::max() / (8.0 * static_cast<double>(rows + columns));
  if (std::any_of(costs.begin(), costs.end(), [=](double cost) { return std::fabs(cost) > bound; }))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "assignment: costs are so large that their sums overflow");
  const bool transposed = rows > columns;
  const std::size_t fewer = transposed ? columns : rows;
  const std::size_t more = transposed ? rows : columns;
  const double sign = goal == AssignmentGoal::LeastCost ? 1.0 : -1.0;
  std::vector<double> table(costs.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      table[transposed ? j * more + i : i * more + j] = sign * costs[i * columns + j];

  const ShortestPaths solved(table, fewer, more);
  Assignment result{0.0, std::vector<std::int64_t>(rows, -1)};
  for (std::size_t j = 0; j < more; ++j) {
    const std::size_t i = solved.rowOfColumn()[j];
    if (i != ShortestPaths::kNone)
      result.columnOfRow[transposed ? j : i] = static_cast<std::int64_t>(transposed ? i : j);
  }
  for (std::size_t i = 0; i < rows; ++i)
    if (result.columnOfRow[i] >= 0)
      result.total += costs[i * columns + static_cast<std::size_t>(result.columnOfRow[i])];
  return result;
}

} // namespace switchyard::statistics
