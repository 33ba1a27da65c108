#include "analyzers/statistics/permutation.h"

#include <algorithm>
#include <cmath>

#include "analyzers/statistics/sign_flip.h"
#include "analyzers/statistics/strata.h"
#include "core/base/thread_context.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kP{0.0, 1e-15};
constexpr Tolerance kStatistic{1e-12, 1e-13};

void expectP(const ThreePValues& got, const nlohmann::json& want) {
  for (const auto& [name, value] :
       {std::pair{"p_greater", got.greater}, std::pair{"p_less", got.less},
        std::pair{"p_two_sided", got.twoSided}})
    if (want.contains(name)) {
      EXPECT_TRUE(close(value, want[name], kP)) << name;
    }
}

TEST(Permutation, GoldenPermutations) {
  const auto& cases = golden("permutation.json")["cases"];
  ASSERT_EQ(cases.size(), 8u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto labels = testing::integers(item["labels"]);
    const bool means = item["statistic"] == "mean_difference";
    const auto values = means ? testing::numbers(item["values"]) : std::vector<double>{};
    const auto column = means ? std::vector<std::int64_t>{} : testing::integers(item["values"]);
    const auto statistic =
        means ? meanDifferenceStatistic(values) : mutualInformationStatistic(column);
    const double observed = statistic(labels);
    EXPECT_TRUE(close(observed, item["observed"], kStatistic));
    ExtremeCounts counts;
    for (std::size_t row = 0; row < item["permutations"].size(); ++row) {
      std::vector<std::int64_t> shuffled;
      for (const auto& from : item["permutations"][row])
        shuffled.push_back(labels[from.get<std::size_t>()]);
      const double value = statistic(shuffled);
      EXPECT_TRUE(close(value, item["null"][row], kStatistic));
      counts.add(value, observed);
    }
    EXPECT_EQ(counts.greaterEqual, item["count_greater_equal"].get<std::int64_t>());
    expectP(counts.sampled(), item);
  }
}

TEST(Permutation, GoldenEnumerations) {
  for (const auto& item : golden("permutation.json")["exact"]) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto values = testing::numbers(item["values"]);
    const auto got =
        exactPermutationTest(testing::integers(item["labels"]), meanDifferenceStatistic(values));
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->counts.total, item["arrangements"].get<std::int64_t>());
    EXPECT_TRUE(close(got->observed, item["observed"], kStatistic));
    expectP(got->p, item);
  }
}

TEST(Permutation, GoldenSignFlips) {
  for (const auto& item : golden("permutation.json")["sign_flips"]) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto differences = testing::numbers(item["differences"]);
    base::Result<SignFlipTest> got = signFlipTest(differences, {.exactUpTo = 10});
    if (item["signs"] != "all") {
      std::vector<std::int8_t> signs;
      for (const auto& row : item["signs"])
        for (const auto& sign : row)
          signs.push_back(static_cast<std::int8_t>(sign.get<int>()));
      got = signFlipTest(differences, signs);
    }
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(close(got->observed, item["observed_mean"], kStatistic));
    expectP(got->p, item);
  }
}

TEST(Permutation, StrataKeepTheirItems) {
  const std::vector<std::int64_t> strata{4, 9, 4, 4, 9, 1, 9, 4, 1};
  bool moved = false;
  for (std::uint64_t stream = 0; stream < 50; ++stream) {
    const auto permutation = permuteWithinStrata(strata.size(), strata, 5, stream);
    auto sorted = permutation;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < strata.size(); ++i) {
      EXPECT_EQ(sorted[i], i);
      EXPECT_EQ(strata[permutation[i]], strata[i]);
      moved = moved || permutation[i] != i;
    }
  }
  EXPECT_TRUE(moved);
}

TEST(Permutation, PositionControlRemovesAPositionEffect) {
  // Expert and label both depend on position only: late tokens are "answers" and use the expert.
  std::vector<std::int64_t> positions;
  std::vector<std::int64_t> labels;
  std::vector<double> uses;
  for (int i = 0; i < 400; ++i) {
    const int position = i % 100;
    const unsigned noise = static_cast<unsigned>(i) * 2654435761u >> 16;
    positions.push_back(position);
    labels.push_back(noise % 100 < (position < 50 ? 10u : 90u) ? 1 : 0);
    uses.push_back((noise / 100) % 100 < (position < 50 ? 10u : 90u) ? 1.0 : 0.0);
  }
  const auto statistic = meanDifferenceStatistic(uses);
  const auto plain = permutationTest(labels, statistic, {.permutations = 999, .seed = 2});
  const auto bins = quantileStrata(positions, 10);
  ASSERT_TRUE(bins.has_value());
  const auto controlled =
      permutationTest(labels, statistic, {.permutations = 999, .seed = 2, .strata = *bins});
  ASSERT_TRUE(plain && controlled);
  EXPECT_EQ(plain->p.twoSided, 0.001);
  EXPECT_GT(controlled->p.twoSided, 0.05);
}

TEST(Permutation, SeededAndIndependentOfThreads) {
  const std::vector<std::int64_t> labels{0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0};
  const std::vector<double> values{1, 5, 2, 6, 3, 2, 1, 4, 6, 3, 5, 2};
  const base::ThreadContext threads(4);
  const auto statistic = meanDifferenceStatistic(values);
  const auto one = permutationTest(labels, statistic, {.permutations = 300, .seed = 8});
  const auto four =
      permutationTest(labels, statistic, {.permutations = 300, .seed = 8, .threads = &threads});
  ASSERT_TRUE(one && four);
  EXPECT_EQ(one->null, four->null);
  // The sampled p is near the exact one.
  const auto exact = exactPermutationTest(labels, statistic);
  ASSERT_TRUE(exact.has_value());
  EXPECT_EQ(exact->counts.total, 924);
  EXPECT_NEAR(one->p.greater, exact->p.greater, 0.01);
}

TEST(Permutation, BadInput) {
  const std::vector<std::int64_t> labels{0, 1, 0};
  const std::vector<std::int64_t> oneGroup{1, 1, 1};
  const std::vector<std::int64_t> shortStrata{0, 1};
  const std::vector<double> values{1, 2, 3};
  const auto statistic = meanDifferenceStatistic(values);
  EXPECT_EQ(permutationTest({}, statistic, {}).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(permutationTest(labels, statistic, {.permutations = 0}).error().code,
            base::ErrorCode::InvalidArgument);
  EXPECT_EQ(permutationTest(labels, statistic, {.strata = shortStrata}).error().code,
            base::ErrorCode::InvalidArgument);
  EXPECT_EQ(permutationTest(oneGroup, statistic, {}).error().code, base::ErrorCode::NonFinite);
  EXPECT_EQ(exactPermutationTest(labels, statistic, 2).error().code,
            base::ErrorCode::LimitExceeded);
  EXPECT_FALSE(signFlipTest(std::vector<double>{}, SignFlipOptions{}).has_value());
  EXPECT_FALSE(signFlipTest(values, {.exactUpTo = 60}).has_value());
  EXPECT_FALSE(signFlipTest(values, std::vector<std::int8_t>{1, 1}).has_value());
  EXPECT_FALSE(signFlipTest(values, std::vector<std::int8_t>{1, 0, 1}).has_value());
}

TEST(Strata, Bins) {
  using List = std::vector<std::int64_t>;
  EXPECT_EQ(*logPositionStrata(List{0, 1, 2, 3, 4, 7, 8}), (List{0, 1, 2, 2, 3, 3, 4}));
  EXPECT_FALSE(logPositionStrata(List{3, -1}).has_value());
  EXPECT_EQ(*quantileStrata(List{10, 20, 30, 40}, 2), (List{0, 0, 1, 1}));
  EXPECT_EQ(*quantileStrata(List{5, 5, 5, 9}, 2), (List{0, 0, 0, 1}));
  EXPECT_FALSE(quantileStrata(List{1}, 0).has_value());
  EXPECT_TRUE(quantileStrata(List{}, 3)->empty());
  EXPECT_EQ(*crossStrata(List{3, 3, 8, 8}, List{1, 0, 0, 0}), (List{1, 0, 2, 2}));
  EXPECT_FALSE(crossStrata(List{1}, List{1, 2}).has_value());
  const auto report = reportStrata(List{0, 1, 0, 0}, List{7, 7, 9, 9});
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->strata, 2);
  EXPECT_EQ(report->movableItems, 2);
}

} // namespace
} // namespace switchyard::statistics
