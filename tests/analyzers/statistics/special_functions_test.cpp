#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "analyzers/statistics/binomial.h"
#include "analyzers/statistics/log_gamma.h"
#include "analyzers/statistics/normal.h"
#include "analyzers/statistics/ranks.h"
#include "analyzers/statistics/student_t.h"

namespace switchyard::statistics {
namespace {

TEST(Normal, QuantileInvertsTheDistribution) {
  for (double z = -37.0; z <= 8.0; z += 0.37) {
    const double p = normalCdf(z);
    // Near p = 1 the double p itself only pins z down this far.
    const double density = std::exp(-0.5 * z * z) / 2.5066282746310002;
    EXPECT_NEAR(normalQuantile(p), z, 1e-12 * std::fabs(z) + 1e-15 + 2e-16 / density * p) << z;
  }
  EXPECT_NEAR(normalQuantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_EQ(normalQuantile(0.0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(normalQuantile(1.0), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(normalQuantile(1.5)));
  EXPECT_TRUE(std::isnan(normalQuantile(std::nan(""))));
}

TEST(Normal, LogChiSquareIsContinuousWhereTheSeriesStarts) {
  EXPECT_NEAR(logChiSquare1Survival(600.0000001), std::log(chiSquare1Survival(600.0000001)), 1e-9);
  EXPECT_NEAR(logChiSquare1Survival(1300.0), std::log(chiSquare1Survival(1300.0)), 1e-9);
  EXPECT_LT(logChiSquare1Survival(1e6), -5e5);
  EXPECT_EQ(chiSquare1Survival(-1.0), 1.0);
}

TEST(LogGamma, EqualsTheStandardLibrary) {
  for (const double a : {0.01, 0.5, 1.0, 3.7, 15.99, 16.0, 40.5, 1234.5})
    for (const double b : {0.5, 2.0, 100.25}) {
      const double want = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
      EXPECT_NEAR(logBeta(a, b), want, 1e-12 * std::max(1.0, std::fabs(std::lgamma(a + b))));
    }
  EXPECT_NEAR(logBeta(2.0, 3.0), std::log(1.0 / 12.0), 1e-14);
  EXPECT_EQ(stirlingError(0.0), 0.0);
}

TEST(StudentT, KnownClosedForms) {
  // df = 1 is Cauchy; df = 2 has P(T > t) = (1 - t / sqrt(2 + t^2)) / 2.
  for (const double t : {-30.0, -1.0, 0.0, 0.2, 1.0, 5.0, 1e4}) {
    EXPECT_NEAR(studentTSurvival(t, 1.0), 0.5 - std::atan(t) / 3.14159265358979324, 1e-14);
    EXPECT_NEAR(studentTSurvival(t, 2.0), 0.5 * (1.0 - t / std::sqrt(2.0 + t * t)), 1e-14);
    EXPECT_NEAR(studentTSurvival(t, 1e9), normalSurvival(t), 1e-8);
  }
  EXPECT_EQ(studentTTwoSided(std::numeric_limits<double>::infinity(), 5.0), 0.0);
}

TEST(StudentT, QuantileInvertsTheSurvival) {
  for (const double df : {1.0, 2.0, 3.5, 14.0, 300.0})
    for (const double tail : {0.49, 0.25, 0.025, 1e-4, 1e-9}) {
      const double t = studentTUpperQuantile(tail, df);
      EXPECT_NEAR(studentTSurvival(t, df) / tail, 1.0, 1e-11) << df << " " << tail;
    }
  EXPECT_EQ(studentTUpperQuantile(0.5, 3.0), 0.0);
  EXPECT_NEAR(studentTUpperQuantile(0.025, 14.0), 2.1447866879169273, 1e-12);
}

TEST(Binomial, SmallTablesExactly) {
  const double row[] = {1, 6, 15, 20, 15, 6, 1};
  double below = 0.0;
  for (int k = 0; k <= 6; ++k) {
    EXPECT_NEAR(std::exp(logBinomialPmf(k, 6, 0.5, 0.5)), row[k] / 64.0, 1e-15);
    below += row[k] / 64.0;
    EXPECT_NEAR(fairBinomialCdf(k, 6).p, below, 1e-15);
  }
  EXPECT_EQ(fairBinomialCdf(-1, 6).p, 0.0);
  EXPECT_EQ(fairBinomialCdf(0, 0).p, 1.0);
  EXPECT_EQ(logBinomialPmf(2, 5, 0.0, 1.0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(logBinomialPmf(0, 5, 0.0, 1.0), 0.0);
  EXPECT_NEAR(fairBinomialCdf(0, 5000).logP, -5000.0 * std::log(2.0), 1e-9);
}

TEST(Ranks, TiesShareTheMean) {
  const auto ranked = averageRanks(std::vector<double>{3, 1, 3, 2, 3});
  EXPECT_EQ(ranked.ranks, (std::vector<double>{4, 1, 4, 2, 4}));
  EXPECT_EQ(ranked.groupSizes, (std::vector<std::int64_t>{1, 1, 3}));
  EXPECT_TRUE(averageRanks({}).ranks.empty());
}

} // namespace
} // namespace switchyard::statistics
