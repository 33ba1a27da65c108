#include "analyzers/statistics/effect_size.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "analyzers/statistics/association.h"

namespace switchyard::statistics {
namespace {

using List = std::vector<double>;

TEST(EffectSize, HandWorkedGroups) {
  // Means 4 and 2, both variances 1 (n - 1): pooled sd 1, d = 2, g = 2 (1 - 3/15).
  const auto effect = groupEffect(List{3, 4, 5}, List{1, 2, 3});
  ASSERT_TRUE(effect.has_value());
  EXPECT_DOUBLE_EQ(effect->meanDifference, 2.0);
  EXPECT_DOUBLE_EQ(*effect->cohensD, 2.0);
  EXPECT_DOUBLE_EQ(*effect->hedgesG, 1.6);
  EXPECT_DOUBLE_EQ(effect->cliffsDelta, 8.0 / 9.0); // 8 pairs greater, one tie
}

TEST(EffectSize, GroupsWithoutSpread) {
  const auto constant = groupEffect(List{2, 2}, List{1, 1});
  ASSERT_TRUE(constant.has_value());
  EXPECT_FALSE(constant->cohensD.has_value());
  EXPECT_EQ(constant->cliffsDelta, 1.0);
  EXPECT_FALSE(groupEffect(List{2}, List{1})->cohensD.has_value());
  EXPECT_FALSE(groupEffect(List{}, List{1}).has_value());
  EXPECT_EQ(groupEffect(List{1}, List{std::nan("")}).error().code, base::ErrorCode::NonFinite);
}

TEST(EffectSize, CramersV) {
  EXPECT_NEAR(**cramersV(List{10, 0, 0, 10}, 2, 2), 1.0, 1e-15);
  EXPECT_NEAR(**cramersV(List{5, 5, 5, 5}, 2, 2), 0.0, 1e-15);
  // For 2x2 it is |phi|; an empty column changes nothing.
  const double phi = *associate({12, 10, 8, 30})->phi;
  EXPECT_NEAR(**cramersV(List{8, 4, 0, 2, 16, 0}, 2, 3), std::fabs(phi), 1e-12);
  EXPECT_FALSE(cramersV(List{3, 0}, 1, 2)->has_value());
  EXPECT_FALSE(cramersV(List{3, -1}, 1, 2).has_value());
  EXPECT_FALSE(cramersV(List{3, 1, 1}, 1, 2).has_value());
}

TEST(EffectSize, ProportionsAndOdds) {
  EXPECT_NEAR(cohensH(1.0, 0.0), std::numbers::pi, 1e-15);
  EXPECT_EQ(cohensH(0.3, 0.3), 0.0);
  const LogOdds odds = logOddsRatio({0, 0, 0, 0});
  EXPECT_EQ(odds.value, 0.0);
  EXPECT_NEAR(odds.standardError, std::sqrt(8.0), 1e-15);
  EXPECT_NEAR(logOddsRatio({2, 0, 0, 2}).value, 2.0 * std::log(5.0), 1e-15);
}

} // namespace
} // namespace switchyard::statistics
