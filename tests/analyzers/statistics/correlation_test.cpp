#include "analyzers/statistics/correlation.h"

#include <cmath>

#include "analyzers/statistics/kendall.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::tolerance;
using testing::Tolerance;

TEST(Correlation, GoldenDataSets) {
  const auto& file = golden("correlation.json");
  ASSERT_EQ(file["cases"].size(), 17u);
  for (const auto& item : file["cases"]) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto demand = [&](const char* name) {
      return tolerance(item.contains("tolerance") ? item["tolerance"] : file["tolerance"][name]);
    };
    const auto x = testing::numbers(item["x"]);
    const auto y = testing::numbers(item["y"]);
    const auto linear = pearson(x, y);
    const auto ranked = spearman(x, y);
    const auto paired = kendall(x, y);
    const auto line = fitLine(x, y);
    ASSERT_TRUE(linear && ranked && paired && line);
    EXPECT_TRUE(close(linear->coefficient, item["pearson"], demand("coefficient")));
    EXPECT_TRUE(close(linear->p, item["pearson_p"], demand("p")));
    EXPECT_TRUE(close(ranked->coefficient, item["spearman"], demand("coefficient")));
    EXPECT_TRUE(close(ranked->p, item["spearman_p"], demand("p")));
    EXPECT_TRUE(close(paired->tauB, item["kendall_tau_b"], demand("coefficient")));
    EXPECT_TRUE(close(paired->pAsymptotic, item["kendall_p_asymptotic"], demand("p")));
    EXPECT_TRUE(close(paired->pExact, item["kendall_p_exact"], demand("p")));
    EXPECT_TRUE(close(line->slope, item["slope"], demand("slope, intercept, r_squared")));
    EXPECT_TRUE(close(line->intercept, item["intercept"], demand("slope, intercept, r_squared")));
    EXPECT_TRUE(close(line->rSquared, item["r_squared"], demand("slope, intercept, r_squared")));
    EXPECT_TRUE(close(line->slopeStandardError, item["slope_stderr"], demand("slope_stderr")));
  }
}

TEST(Correlation, KendallEqualsCountingPairs) {
  const std::vector<double> x{1, 1, 2, 3, 3, 3, 4, 5, 0, 2, 2};
  const std::vector<double> y{2, 2, 2, 1, 4, 0, 5, 5, 1, 3, 2};
  double excess = 0.0;
  double notTiedX = 0.0;
  double notTiedY = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      const double product = (x[i] - x[j]) * (y[i] - y[j]);
      excess += product > 0 ? 1 : product < 0 ? -1 : 0;
      notTiedX += x[i] != x[j] ? 1 : 0;
      notTiedY += y[i] != y[j] ? 1 : 0;
    }
  EXPECT_NEAR(*kendall(x, y)->tauB, excess / std::sqrt(notTiedX * notTiedY), 1e-15);
}

TEST(Correlation, BadInput) {
  const std::vector<double> none;
  const std::vector<double> one{1.0};
  const std::vector<double> two{1.0, 2.0};
  const std::vector<double> withNan{1.0, std::nan("")};
  EXPECT_EQ(pearson(none, none).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(spearman(one, two).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(kendall(two, withNan).error().code, base::ErrorCode::NonFinite);
  EXPECT_EQ(fitLine(withNan, two).error().code, base::ErrorCode::NonFinite);
  EXPECT_FALSE(pearson(one, one)->coefficient.has_value());
  EXPECT_EQ(pearson(two, two)->coefficient, 1.0);
  EXPECT_FALSE(pearson(two, two)->p.has_value());
}

} // namespace
} // namespace switchyard::statistics
