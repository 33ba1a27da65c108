#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/statistics/correlation.h"
#include "analyzers/statistics/label_agreement.h"
#include "analyzers/statistics/leaf_order.h"
#include "analyzers/statistics/linkage.h"
#include "core/base/rng.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kHeight{1e-11, 0.0};
constexpr Tolerance kAgreement{1e-10, 1e-12};

constexpr std::pair<const char*, LinkageMethod> kMethods[] = {{"average", LinkageMethod::Average},
                                                              {"complete", LinkageMethod::Complete},
                                                              {"single", LinkageMethod::Single}};

class Clustering : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Clustering, GoldenTrees) {
  const auto& item = golden("clustering.json")["cases"][GetParam()];
  const std::size_t n = item["n"];
  const auto condensed = testing::numbers(item["condensed"]);
  for (const auto& [name, method] : kMethods) {
    SCOPED_TRACE(item["name"].get<std::string>() + " " + name);
    const auto& want = item[name];
    const auto tree = linkage(n, condensed, method);
    ASSERT_TRUE(tree.has_value());
    ASSERT_EQ(tree->merges.size(), want["linkage"].size());
    for (std::size_t r = 0; r < tree->merges.size(); ++r) {
      const Merge& merge = tree->merges[r];
      EXPECT_EQ(merge.first, want["linkage"][r][0].get<std::size_t>());
      EXPECT_EQ(merge.second, want["linkage"][r][1].get<std::size_t>());
      EXPECT_TRUE(close(merge.height, want["linkage"][r][2], kHeight));
      EXPECT_EQ(merge.size, want["linkage"][r][3].get<std::size_t>());
    }
    EXPECT_EQ(leavesOf(*tree), want["leaves"].get<std::vector<std::size_t>>());
    const auto order = optimalLeafOrder(*tree, condensed);
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(order->leaves, want["optimal_leaves"].get<std::vector<std::size_t>>());
    EXPECT_TRUE(close(order->length, want["optimal_length"], kHeight));
    const auto heights = copheneticDistances(*tree);
    for (std::size_t i = 0; i < heights.size(); ++i)
      EXPECT_TRUE(close(heights[i], want["cophenetic"][i], kHeight));
    EXPECT_TRUE(close(pearson(condensed, heights)->coefficient, want["cophenetic_correlation"],
                      kAgreement));
    for (const auto& [clusters, labels] : want["labels"].items())
      EXPECT_EQ(*cutTree(*tree, std::stoul(clusters)), testing::integers(labels));
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Clustering, ::testing::Range(std::size_t{0}, std::size_t{8}));

/// Least sum of neighbouring distances over all flips, by recursion on the tree.
double bestByFlips(const Dendrogram& tree, const std::vector<double>& condensed) {
  double best = std::numeric_limits<double>::infinity();
  for (unsigned flips = 0; flips < 1u << tree.merges.size(); ++flips) {
    Dendrogram flipped = tree;
    for (std::size_t r = 0; r < flipped.merges.size(); ++r)
      if ((flips >> r & 1u) != 0)
        std::swap(flipped.merges[r].first, flipped.merges[r].second);
    const auto leaves = leavesOf(flipped);
    double length = 0.0;
    for (std::size_t i = 0; i + 1 < leaves.size(); ++i)
      length += condensed[condensedIndex(tree.items, std::min(leaves[i], leaves[i + 1]),
                                         std::max(leaves[i], leaves[i + 1]))];
    best = std::min(best, length);
  }
  return best;
}

TEST(LeafOrder, EqualsTheBestOfAllFlipsWithTies) {
  base::Rng rng(11);
  for (int round = 0; round < 30; ++round) {
    const std::size_t n = 2 + rng.nextBelow(9);
    std::vector<double> condensed(n * (n - 1) / 2);
    for (double& distance : condensed)
      distance = static_cast<double>(rng.nextBelow(round % 2 == 0 ? 4 : 1000));
    for (const auto& method : kMethods) {
      const auto tree = linkage(n, condensed, method.second);
      ASSERT_TRUE(tree.has_value());
      const auto order = optimalLeafOrder(*tree, condensed);
      ASSERT_TRUE(order.has_value());
      EXPECT_NEAR(order->length, bestByFlips(*tree, condensed), 1e-9);
      auto sorted = order->leaves;
      EXPECT_LT(order->leaves.front(), order->leaves.back());
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t i = 0; i < n; ++i)
        EXPECT_EQ(sorted[i], i);
    }
  }
}

TEST(Clustering, BadInput) {
  const std::vector<double> three{1, 2, 3};
  EXPECT_FALSE(linkage(0, {}, LinkageMethod::Average).has_value());
  EXPECT_FALSE(linkage(4, three, LinkageMethod::Average).has_value());
  EXPECT_FALSE(linkage(3, std::vector<double>{1, -2, 3}, LinkageMethod::Single).has_value());
  EXPECT_EQ(linkage(3, std::vector<double>{1, std::nan(""), 3}, LinkageMethod::Single).error().code,
            base::ErrorCode::NonFinite);
  EXPECT_EQ(linkage(kMaxClusterItems + 1, {}, LinkageMethod::Average).error().code,
            base::ErrorCode::LimitExceeded);
  const auto one = linkage(1, {}, LinkageMethod::Average);
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(optimalLeafOrder(*one, {})->leaves, std::vector<std::size_t>{0});
  EXPECT_EQ(*cutTree(*one, 1), std::vector<std::int64_t>{0});
  const auto equal = linkage(3, std::vector<double>{0, 0, 0}, LinkageMethod::Average);
  ASSERT_TRUE(equal.has_value());
  EXPECT_FALSE(cutTree(*equal, 0).has_value());
  EXPECT_FALSE(cutTree(*equal, 4).has_value());
  const std::vector<double> huge(3, std::numeric_limits<double>::max());
  const auto far = linkage(3, huge, LinkageMethod::Average);
  ASSERT_TRUE(far.has_value());
  EXPECT_FALSE(optimalLeafOrder(*far, huge).has_value());
  EXPECT_FALSE(optimalLeafOrder(*far, {}).has_value());
  EXPECT_FALSE(optimalLeafOrder(Dendrogram{}, {}).has_value());
}

TEST(LabelAgreement, GoldenPairs) {
  const auto& cases = golden("clustering.json")["label_pairs"];
  ASSERT_EQ(cases.size(), 12u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto got = labelAgreement(testing::integers(item["a"]), testing::integers(item["b"]));
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(close(got->adjustedRand, item["ari"], kAgreement));
    EXPECT_TRUE(close(got->normalisedMutualInformation, item["nmi"], kAgreement));
    EXPECT_TRUE(close(got->mutualInformation, item["mutual_information"], kAgreement));
  }
  const std::vector<std::int64_t> none;
  EXPECT_FALSE(labelAgreement(none, none).has_value());
  EXPECT_FALSE(labelAgreement(std::vector<std::int64_t>{1}, none).has_value());
}

} // namespace
} // namespace switchyard::statistics
