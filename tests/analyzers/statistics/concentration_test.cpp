#include "analyzers/statistics/concentration.h"

#include <cmath>

#include "analyzers/statistics/load_balance.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kAll{1e-11, 1e-13};

TEST(Concentration, GoldenLoads) {
  const auto& cases = golden("concentration.json")["loads"];
  ASSERT_EQ(cases.size(), 24u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto got = concentration(testing::numbers(item["load"]));
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(close(got->total, item["total"], kAll));
    EXPECT_EQ(got->dead, item["dead"].get<std::int64_t>());
    EXPECT_TRUE(close(got->mean, item["mean"], kAll));
    EXPECT_TRUE(close(got->maxVio, item["max_vio"], kAll));
    EXPECT_TRUE(close(got->minOverMean, item["min_over_mean"], kAll));
    EXPECT_TRUE(close(got->cv, item["cv"], kAll));
    EXPECT_TRUE(close(got->gini, item["gini"], kAll));
    EXPECT_TRUE(close(got->entropy, item["entropy"], kAll));
    EXPECT_TRUE(close(got->normalisedEntropy, item["normalised_entropy"], kAll));
    EXPECT_TRUE(close(got->effectiveExperts, item["effective_experts"], kAll));
  }
}

std::vector<BalanceGroup> groupsOf(const nlohmann::json& list) {
  std::vector<BalanceGroup> groups;
  for (const auto& group : list)
    groups.push_back(
        {group["tokens"], testing::numbers(group["counts"]), testing::numbers(group["prob_sum"])});
  return groups;
}

TEST(LoadBalance, GoldenGroups) {
  const auto& cases = golden("concentration.json")["balance"];
  ASSERT_EQ(cases.size(), 6u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto got = loadBalance(groupsOf(item["groups"]), item["k"]);
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->perGroup.size(), item["lbl_per_group"].size());
    for (std::size_t i = 0; i < got->perGroup.size(); ++i) {
      EXPECT_TRUE(close(got->perGroup[i], item["lbl_per_group"][i], kAll));
      EXPECT_TRUE(close(got->maxVioPerGroup[i], item["max_vio_per_group"][i], kAll));
    }
    EXPECT_TRUE(close(got->micro, item["lbl_micro"], kAll));
    EXPECT_TRUE(close(got->global, item["lbl_global"], kAll));
    EXPECT_TRUE(close(got->sumOverSlots, item["hf_sum_over_slots"], kAll));
    EXPECT_TRUE(close(got->maxVioBatch, item["max_vio_batch"], kAll));
    EXPECT_TRUE(close(got->maxVioGlobal, item["max_vio_global"], kAll));
  }
}

TEST(LoadBalance, LayersPooledBeforeTheProduct) {
  const auto& item = golden("concentration.json")["pooled_layers"][0];
  const auto got = loadBalance(groupsOf(item["layers"]), item["k"]);
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(close(got->micro, item["mean_of_layers"], kAll));
  EXPECT_TRUE(close(got->sumOverSlots, item["hf_layers_pooled"], kAll));
}

TEST(Concentration, BadInput) {
  EXPECT_FALSE(concentration(std::vector<double>{}).has_value());
  EXPECT_FALSE(concentration(std::vector<double>{1.0, -1.0}).has_value());
  EXPECT_EQ(concentration(std::vector<double>{std::nan("")}).error().code,
            base::ErrorCode::NonFinite);
  EXPECT_FALSE(loadBalance({}, 2).has_value());
  const std::vector<BalanceGroup> uneven{{4, {1, 1}, {2, 2}}, {4, {1, 1, 1}, {2, 2, 2}}};
  EXPECT_FALSE(loadBalance(uneven, 1).has_value());
  const std::vector<BalanceGroup> idle{{4, {0, 0}, {2, 2}}};
  EXPECT_FALSE(loadBalance(idle, 1).has_value());
  const std::vector<BalanceGroup> noTokens{{0, {1, 1}, {2, 2}}};
  EXPECT_FALSE(loadBalance(noTokens, 1).has_value());
}

} // namespace
} // namespace switchyard::statistics
