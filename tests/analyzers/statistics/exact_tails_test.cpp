#include <cmath>

#include "analyzers/statistics/fisher.h"
#include "analyzers/statistics/hypergeometric.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;
using testing::tolerance;

/// p and log p, at the looser demand for populations above 1e5.
struct Demand {
  Tolerance p, logP;
  Demand(const nlohmann::json& file, std::int64_t population) {
    const auto& all = file["tolerance"];
    const auto& part = population > 100'000 ? all["population_over_1e5"] : all;
    p = tolerance(part["p"]);
    logP = tolerance(part["log_p"]);
  }
};

TEST(Fisher, GoldenTables) {
  const auto& file = golden("fisher.json");
  ASSERT_EQ(file["cases"].size(), 54u);
  for (const auto& item : file["cases"]) {
    SCOPED_TRACE(item["table"].dump());
    const auto t = testing::integers(item["table"]);
    const auto test = fisherExact({t[0], t[1], t[2], t[3]});
    ASSERT_TRUE(test.has_value());
    const Demand demand(file, t[0] + t[1] + t[2] + t[3]);
    EXPECT_TRUE(close(test->greater.p, item["p_greater"], demand.p));
    EXPECT_TRUE(close(test->less.p, item["p_less"], demand.p));
    EXPECT_TRUE(close(test->twoSided.p, item["p_two_sided"], demand.p));
    EXPECT_TRUE(close(test->greater.logP, item["log_p_greater"], demand.logP));
    EXPECT_TRUE(close(test->less.logP, item["log_p_less"], demand.logP));
    EXPECT_TRUE(close(test->twoSided.logP, item["log_p_two_sided"], demand.logP));
    EXPECT_TRUE(close(test->oddsRatio, item["odds_ratio"], {1e-14, 0.0}));
  }
}

TEST(Fisher, RefusesNegativeAndHugeCounts) {
  EXPECT_EQ(fisherExact({-1, 2, 3, 4}).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(fisherExact({INT64_MAX, INT64_MAX, 1, 1}).error().code,
            base::ErrorCode::InvalidArgument);
  const auto empty = fisherExact({0, 0, 0, 0});
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->twoSided.p, 1.0);
  EXPECT_FALSE(empty->oddsRatio.has_value());
}

TEST(Hypergeometric, GoldenTails) {
  const auto& file = golden("hypergeom.json");
  ASSERT_EQ(file["cases"].size(), 57u);
  for (const auto& item : file["cases"]) {
    const std::int64_t population = item["population"];
    const std::int64_t k = item["k"];
    SCOPED_TRACE(::testing::Message()
                 << population << " " << item["successes"] << " " << item["draws"] << " " << k);
    const auto law = Hypergeometric::create(population, item["successes"], item["draws"]);
    ASSERT_TRUE(law.has_value());
    const Demand demand(file, population);
    const auto check = [&](const Probability& got, const std::string& name) {
      EXPECT_TRUE(close(got.p, item[name], demand.p)) << name;
      EXPECT_TRUE(close(got.logP, item["log_" + name], demand.logP)) << name;
    };
    check(law->pmf(k), "pmf");
    check(law->cdf(k), "cdf");
    check(law->survival(k), "sf");
    check(law->atLeast(k), "at_least");
  }
}

TEST(Hypergeometric, EqualsCountingEveryDraw) {
  // C(n, k) by Pascal's triangle is exact here.
  std::vector<std::vector<double>> choose(31, std::vector<double>(31, 0.0));
  for (std::size_t n = 0; n < choose.size(); ++n) {
    choose[n][0] = 1.0;
    for (std::size_t k = 1; k <= n; ++k)
      choose[n][k] = choose[n - 1][k - 1] + choose[n - 1][k];
  }
  for (const int population : {1, 2, 7, 30})
    for (int successes = 0; successes <= population; ++successes)
      for (int draws = 0; draws <= population; ++draws) {
        const auto law = Hypergeometric::create(population, successes, draws);
        ASSERT_TRUE(law.has_value());
        double below = 0.0;
        for (int k = 0; k <= population; ++k) {
          const bool possible = k <= successes && k <= draws && draws - k <= population - successes;
          const double pmf =
              possible ? choose[static_cast<std::size_t>(successes)][static_cast<std::size_t>(k)] *
                             choose[static_cast<std::size_t>(population - successes)]
                                   [static_cast<std::size_t>(draws - k)] /
                             choose[static_cast<std::size_t>(population)]
                                   [static_cast<std::size_t>(draws)]
                       : 0.0;
          EXPECT_NEAR(law->pmf(k).p, pmf, 1e-13);
          EXPECT_NEAR(law->atLeast(k).p, 1.0 - below, 1e-12);
          below += pmf;
          EXPECT_NEAR(law->cdf(k).p, below, 1e-12);
        }
      }
}

TEST(Hypergeometric, RefusesImpossibleParameters) {
  EXPECT_FALSE(Hypergeometric::create(-1, 0, 0).has_value());
  EXPECT_FALSE(Hypergeometric::create(10, 11, 0).has_value());
  EXPECT_FALSE(Hypergeometric::create(10, 0, 11).has_value());
  EXPECT_FALSE(Hypergeometric::create(INT64_MAX, 1, 1).has_value());
}

} // namespace
} // namespace switchyard::statistics
