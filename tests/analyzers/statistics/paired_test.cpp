#include <cmath>

#include "analyzers/statistics/paired_counts.h"
#include "analyzers/statistics/paired_t.h"
#include "analyzers/statistics/wilcoxon.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kP{1e-10, 1e-300};
constexpr Tolerance kOther{1e-11, 1e-14};

std::vector<double> differencesOf(const nlohmann::json& item) {
  const auto x = testing::numbers(item["x"]);
  const auto y = testing::numbers(item["y"]);
  std::vector<double> differences(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    differences[i] = x[i] - y[i];
  return differences;
}

void expectP(const ThreePValues& got, const nlohmann::json& want, const std::string& suffix = "") {
  EXPECT_TRUE(close(got.twoSided, want["p_two_sided" + suffix], kP));
  EXPECT_TRUE(close(got.greater, want["p_greater" + suffix], kP));
  EXPECT_TRUE(close(got.less, want["p_less" + suffix], kP));
}

class PairedSample : public ::testing::TestWithParam<std::size_t> {
protected:
  const nlohmann::json& item() const { return golden("paired.json")["samples"][GetParam()]; }
};

TEST_P(PairedSample, WilcoxonExact) {
  SCOPED_TRACE(item()["name"].get<std::string>());
  const auto test = wilcoxonExact(differencesOf(item()));
  ASSERT_TRUE(test.has_value());
  const auto& want = item()["wilcoxon_exact"];
  ASSERT_EQ(test->has_value(), !want.is_null());
  if (want.is_null())
    return;
  expectP((*test)->p, want);
  EXPECT_TRUE(close((*test)->rankBiserial, want["rank_biserial"], kOther));
}

TEST_P(PairedSample, WilcoxonNormal) {
  SCOPED_TRACE(item()["name"].get<std::string>());
  for (const auto& [name, rule] :
       {std::pair{"wilcoxon_wilcox", ZeroRule::Drop}, std::pair{"wilcoxon_pratt", ZeroRule::Pratt},
        std::pair{"wilcoxon_zsplit", ZeroRule::Split}}) {
    SCOPED_TRACE(name);
    const auto test = wilcoxonNormal(differencesOf(item()), rule);
    ASSERT_TRUE(test.has_value());
    const auto& want = item()[name];
    ASSERT_EQ(test->has_value(), !want.is_null());
    if (want.is_null())
      continue;
    EXPECT_EQ((*test)->n, want["n"].get<std::int64_t>());
    EXPECT_EQ((*test)->rPlus, want["r_plus"].get<double>());
    EXPECT_EQ((*test)->rMinus, want["r_minus"].get<double>());
    EXPECT_TRUE(close((*test)->z, want["z"], kOther));
    expectP((*test)->p, want);
    expectP((*test)->pCorrected, want, "_corrected");
  }
}

TEST_P(PairedSample, SignAndT) {
  SCOPED_TRACE(item()["name"].get<std::string>());
  const auto differences = differencesOf(item());
  const auto sign = signTest(differences);
  ASSERT_TRUE(sign.has_value());
  EXPECT_EQ(sign->plus, item()["sign"]["n_plus"].get<std::int64_t>());
  EXPECT_EQ(sign->minus, item()["sign"]["n_minus"].get<std::int64_t>());
  EXPECT_EQ(sign->zero, item()["sign"]["n_zero"].get<std::int64_t>());
  expectP(sign->p, item()["sign"]);

  const auto t = pairedT(differences);
  ASSERT_TRUE(t.has_value());
  const auto& want = item()["t"];
  ASSERT_EQ(t->has_value(), !want.is_null());
  if (want.is_null())
    return;
  EXPECT_TRUE(close((*t)->mean, want["mean"], kOther));
  EXPECT_TRUE(close((*t)->sd, want["sd"], kOther));
  EXPECT_TRUE(close((*t)->t, want["t"], kOther));
  EXPECT_TRUE(close((*t)->degreesOfFreedom, want["df"], kOther));
  EXPECT_TRUE(close((*t)->interval[0], want["ci95"][0], kOther));
  EXPECT_TRUE(close((*t)->interval[1], want["ci95"][1], kOther));
  EXPECT_TRUE(close((*t)->cohensDz, want["cohens_dz"], kOther));
  expectP((*t)->p, want);
}

INSTANTIATE_TEST_SUITE_P(Golden, PairedSample, ::testing::Range(std::size_t{0}, std::size_t{16}));

TEST(McNemar, GoldenTables) {
  const auto& cases = golden("paired.json")["mcnemar"];
  ASSERT_EQ(cases.size(), 20u);
  for (const auto& item : cases) {
    SCOPED_TRACE(item.dump());
    const auto test = mcNemar(item["b"], item["c"]);
    ASSERT_TRUE(test.has_value());
    EXPECT_TRUE(close(test->exact.p, item["p_exact"], kP));
    EXPECT_TRUE(close(test->exact.logP, item["log_p_exact"], kOther));
    EXPECT_TRUE(close(test->chi2, item["chi2"], kOther));
    EXPECT_TRUE(close(test->chi2P, item["p_chi2"], kP));
    EXPECT_TRUE(close(test->chi2Corrected, item["chi2_corrected"], kOther));
    EXPECT_TRUE(close(test->chi2CorrectedP, item["p_chi2_corrected"], kP));
  }
}

TEST(Paired, ExactWilcoxonEqualsEnumerationOfSigns) {
  const std::vector<double> differences{1, -1, 2, 2, -3, 0.5, 4, -4};
  const std::vector<double> ranks{2.5, 2.5, 4.5, 4.5, 6, 1, 7.5, 7.5};
  const double observed = 4.5 + 4.5 + 2.5 + 1 + 7.5;
  int atLeast = 0;
  for (unsigned signs = 0; signs < 256; ++signs) {
    double sum = 0.0;
    for (std::size_t i = 0; i < ranks.size(); ++i)
      sum += (signs >> i & 1u) != 0 ? ranks[i] : 0.0;
    atLeast += sum >= observed ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ((*wilcoxonExact(differences))->p.greater, atLeast / 256.0);
}

TEST(Paired, BadInput) {
  const std::vector<double> none;
  const std::vector<double> withNan{1.0, std::nan("")};
  const std::vector<double> many(kWilcoxonExactLimit + 1, 1.0);
  EXPECT_EQ(wilcoxonExact(none).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(wilcoxonNormal(withNan, ZeroRule::Drop).error().code, base::ErrorCode::NonFinite);
  EXPECT_EQ(wilcoxonExact(many).error().code, base::ErrorCode::LimitExceeded);
  EXPECT_EQ(signTest(none).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(pairedT(withNan).error().code, base::ErrorCode::NonFinite);
  EXPECT_EQ(pairedT(std::vector<double>{1, 2}, 1.0).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_FALSE(mcNemar(-1, 0).has_value());
  EXPECT_FALSE(mcNemar(INT64_MAX, 1).has_value());
}

} // namespace
} // namespace switchyard::statistics
