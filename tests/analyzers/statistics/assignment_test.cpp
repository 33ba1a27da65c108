#include "analyzers/statistics/assignment.h"

#include <cmath>
#include <limits>

#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;

TEST(Assignment, GoldenMatrices) {
  const auto& cases = golden("assignment.json")["cases"];
  ASSERT_EQ(cases.size(), 12u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item["name"].get<std::string>());
    std::vector<double> costs;
    for (const auto& row : item["cost"])
      for (const auto& cost : row)
        costs.push_back(cost.get<double>());
    const std::size_t rows = item["cost"].size();
    const std::size_t columns = item["cost"][0].size();
    const auto least = assign(costs, rows, columns, AssignmentGoal::LeastCost);
    const auto greatest = assign(costs, rows, columns, AssignmentGoal::GreatestGain);
    ASSERT_TRUE(least && greatest);
    EXPECT_TRUE(close(least->total, item["minimum"], {1e-12, 0.0}));
    EXPECT_TRUE(close(greatest->total, item["maximum"], {1e-12, 0.0}));
    if (item["unique"].get<bool>()) {
      EXPECT_EQ(least->columnOfRow, testing::integers(item["columns_of_rows"]));
    }
    std::vector<int> taken(columns, 0);
    std::size_t chosen = 0;
    for (const std::int64_t column : greatest->columnOfRow)
      if (column >= 0) {
        EXPECT_EQ(taken[static_cast<std::size_t>(column)]++, 0);
        ++chosen;
      }
    EXPECT_EQ(chosen, std::min(rows, columns));
  }
}

TEST(Assignment, BadInput) {
  const std::vector<double> four{1, 2, 3, 4};
  const auto goal = AssignmentGoal::LeastCost;
  EXPECT_FALSE(assign({}, 0, 0, goal).has_value());
  EXPECT_FALSE(assign(four, 3, 1, goal).has_value());
  EXPECT_FALSE(assign(four, 0, 4, goal).has_value());
  EXPECT_EQ(assign(std::vector<double>{1, std::nan("")}, 1, 2, goal).error().code,
            base::ErrorCode::NonFinite);
  const std::vector<double> huge(4, std::numeric_limits<double>::max());
  EXPECT_FALSE(assign(huge, 2, 2, goal).has_value());
  EXPECT_EQ(assign(std::vector<double>(9, 0.0), 3, 3, goal)->total, 0.0);
}

} // namespace
} // namespace switchyard::statistics
