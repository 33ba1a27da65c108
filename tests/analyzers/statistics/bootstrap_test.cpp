#include "analyzers/statistics/bootstrap.h"

#include <cmath>

#include "core/base/thread_context.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kValue{1e-12, 0.0};
constexpr Tolerance kInterval{1e-9, 1e-12};

double standardErrorOf(const std::vector<double>& values) {
  double mean = 0.0;
  for (const double value : values)
    mean += value / static_cast<double>(values.size());
  double squares = 0.0;
  for (const double value : values)
    squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

TEST(Bootstrap, GoldenResamples) {
  const auto& file = golden("bootstrap.json");
  ASSERT_EQ(file["cases"].size(), 7u);
  for (const auto& item : file["cases"]) {
    SCOPED_TRACE(item["columns"].dump() + item["n"].dump());
    const std::string size = std::to_string(item["n"].get<int>());
    std::vector<std::vector<double>> columns;
    for (const auto& name : item["columns"])
      columns.push_back(testing::numbers(file["data"][size][name.get<std::string>()]));
    const DocumentStatistic statistic = item["statistic"] == "mean"
                                            ? meanStatistic(columns[0])
                                            : ratioStatistic(columns[0], columns[1]);
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < columns[0].size(); ++i)
      all.push_back(i);
    const double estimate = statistic(all);
    EXPECT_TRUE(close(estimate, item["estimate"], kValue));

    std::vector<double> distribution;
    for (const auto& row : file["resamples"][size]) {
      distribution.push_back(statistic(row.get<std::vector<std::uint32_t>>()));
      EXPECT_TRUE(
          close(distribution.back(), item["distribution"][distribution.size() - 1], kValue));
    }
    EXPECT_TRUE(close(standardErrorOf(distribution), item["standard_error"], kInterval));
    std::vector<double> leaveOneOut;
    for (std::size_t left = 0; left < all.size(); ++left) {
      auto rest = all;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left));
      leaveOneOut.push_back(statistic(rest));
    }

    for (const auto& want : item["intervals"]) {
      const auto got =
          bootstrapInterval(estimate, distribution, leaveOneOut, want["level"].get<double>());
      ASSERT_TRUE(got.has_value());
      EXPECT_TRUE(close(got->shareBelow, item["share_below"], kInterval));
      EXPECT_TRUE(close(got->z0, item["z0"], kInterval));
      EXPECT_TRUE(close(got->acceleration, item["acceleration"], kInterval));
      ASSERT_EQ(got->bca.has_value(), !want["bca"].is_null());
      for (std::size_t end = 0; end < 2; ++end) {
        EXPECT_TRUE(close((*got->percentile)[end], want["percentile"][end], kInterval));
        if (got->bca) {
          EXPECT_TRUE(close((*got->bca)[end], want["bca"][end], kInterval));
          EXPECT_TRUE(close((*got->bcaLevels)[end], want["bca_levels"][end], kInterval));
        }
      }
    }
  }
}

TEST(Bootstrap, SeededAndIndependentOfThreads) {
  std::vector<double> values;
  for (int i = 0; i < 60; ++i)
    values.push_back(std::sin(i * 12.9898) * 3.0);
  const auto statistic = meanStatistic(values);
  const auto one = bootstrap(values.size(), statistic, {.resamples = 500, .seed = 3});
  const base::ThreadContext threads(4);
  const auto four =
      bootstrap(values.size(), statistic, {.resamples = 500, .seed = 3, .threads = &threads});
  const auto other = bootstrap(values.size(), statistic, {.resamples = 500, .seed = 4});
  ASSERT_TRUE(one && four && other);
  EXPECT_EQ(one->distribution, four->distribution);
  EXPECT_EQ(*one->interval.bca, *four->interval.bca);
  EXPECT_NE(one->distribution, other->distribution);
  EXPECT_NEAR(one->standardError, standardErrorOf(one->distribution), 1e-12);
}

TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  // 200 experiments of 40 skewed documents with mean 1: nominal 90 % intervals.
  int covered = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    std::vector<std::uint32_t> draws(40);
    resampleDocuments(1000 + round, 99, draws);
    std::vector<double> values;
    for (std::size_t i = 0; i < draws.size(); ++i)
      values.push_back(-std::log((draws[i] + 0.5) / 40.0));
    const auto got = bootstrap(values.size(), meanStatistic(values),
                               {.resamples = 400, .seed = round, .level = 0.9});
    ASSERT_TRUE(got && got->interval.bca);
    const auto [low, high] = *got->interval.bca;
    covered += low <= 1.0 && 1.0 <= high ? 1 : 0;
  }
  EXPECT_GE(covered, 165);
  EXPECT_LE(covered, 195);
}

TEST(Bootstrap, CountsUndefinedResamples) {
  // Two documents, one without tokens: a resample of the empty one alone has no rate.
  const std::vector<double> hits{1, 0};
  const std::vector<double> tokens{2, 0};
  const auto got = bootstrap(2, ratioStatistic(hits, tokens), {.resamples = 400, .seed = 1});
  ASSERT_TRUE(got.has_value());
  EXPECT_GT(got->undefinedResamples, 60);
  EXPECT_LT(got->undefinedResamples, 140);
  EXPECT_EQ(got->distribution.size() + static_cast<std::size_t>(got->undefinedResamples), 400u);
  EXPECT_FALSE(got->interval.bca.has_value());
}

TEST(Bootstrap, BadInput) {
  const std::vector<double> values{1, 2, 3};
  const std::vector<double> zeros{0, 0, 0};
  const auto mean = meanStatistic(values);
  EXPECT_EQ(bootstrap(0, mean, {}).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(bootstrap(3, mean, {.resamples = 0}).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(bootstrap(3, mean, {.resamples = 10, .level = 1.0}).error().code,
            base::ErrorCode::InvalidArgument);
  EXPECT_EQ(bootstrap(3, ratioStatistic(values, zeros), {.resamples = 10}).error().code,
            base::ErrorCode::NonFinite);
  const auto single = bootstrap(1, mean, {.resamples = 10});
  ASSERT_TRUE(single.has_value());
  EXPECT_EQ(single->standardError, 0.0);
  EXPECT_FALSE(single->interval.bca.has_value());
}

} // namespace
} // namespace switchyard::statistics
