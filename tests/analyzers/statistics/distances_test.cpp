#include "analyzers/statistics/distances.h"

#include <cmath>
#include <numbers>

#include "core/base/rng.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::tolerance;
using testing::Tolerance;

constexpr Tolerance kEntropy{1e-11, 1e-13};
constexpr Tolerance kSquared{1e-10, 1e-14};
constexpr Tolerance kCosine{0.0, 1e-13};
constexpr Tolerance kAngle{0.0, 3e-8};

std::optional<double> squared(const nlohmann::json& value) {
  if (value.is_null())
    return std::nullopt;
  return value.get<double>() * value.get<double>();
}

void expectEntropy(const nlohmann::json& item, const char* vector) {
  const auto got = entropy(testing::numbers(item[vector]));
  ASSERT_TRUE(got.has_value());
  const auto field = [&](double Entropy::*member) -> std::optional<double> {
    return *got ? std::optional((**got).*member) : std::nullopt;
  };
  const std::string name = vector;
  EXPECT_TRUE(close(field(&Entropy::nats), item["entropy_" + name], kEntropy));
  EXPECT_TRUE(close(field(&Entropy::bits), item["entropy_" + name + "_bits"], kEntropy));
  EXPECT_TRUE(close(field(&Entropy::gw), item["entropy_" + name + "_gw"], kEntropy));
  EXPECT_TRUE(close(*got ? (*got)->normalised : std::nullopt, item["normalised_entropy_" + name],
                    kEntropy));
}

TEST(Distances, GoldenPairs) {
  const auto& file = golden("distances.json");
  ASSERT_EQ(file["pairs"].size(), 25u);
  for (const auto& item : file["pairs"]) {
    SCOPED_TRACE(item["name"].get<std::string>());
    expectEntropy(item, "p");
    expectEntropy(item, "q");
    const auto p = testing::numbers(item["p"]);
    const auto q = testing::numbers(item["q"]);
    const auto got = distances(p, q);
    ASSERT_TRUE(got.has_value());
    const auto field = [&](double Distances::*member) -> std::optional<double> {
      return *got ? std::optional((**got).*member) : std::nullopt;
    };
    EXPECT_TRUE(close(field(&Distances::klPQ), item["kl_pq"], kEntropy));
    EXPECT_TRUE(close(field(&Distances::klQP), item["kl_qp"], kEntropy));
    EXPECT_TRUE(close(field(&Distances::jsDivergence), item["js_divergence"], kSquared));
    EXPECT_TRUE(close(field(&Distances::totalVariation), item["total_variation"], kEntropy));
    ASSERT_EQ(got->has_value(), !item["js_distance"].is_null());
    if (*got) {
      const double bits = (*got)->jsDivergence / std::numbers::ln2;
      EXPECT_TRUE(close(bits, item["js_divergence_bits"], kSquared));
      EXPECT_TRUE(close(bits, *squared(item["js_distance_bits"]), kSquared));
      EXPECT_TRUE(
          close((*got)->jsDistance * (*got)->jsDistance, *squared(item["js_distance"]), kSquared));
      EXPECT_TRUE(
          close((*got)->hellinger * (*got)->hellinger, *squared(item["hellinger"]), kSquared));
    }
    const auto angle = cosine(p, q);
    ASSERT_TRUE(angle.has_value());
    EXPECT_TRUE(close(*angle, item["cosine"], kCosine));
    EXPECT_TRUE(close(*angle ? std::optional(angularSimilarity(**angle)) : std::nullopt,
                      item["angular_similarity"], kAngle));
  }
  ASSERT_EQ(file["vectors"].size(), 6u);
  for (const auto& item : file["vectors"]) {
    SCOPED_TRACE(item["name"].get<std::string>());
    const auto angle = cosine(testing::numbers(item["u"]), testing::numbers(item["v"]));
    ASSERT_TRUE(angle.has_value());
    EXPECT_TRUE(close(*angle, item["cosine"], kCosine));
    EXPECT_TRUE(close(*angle ? std::optional(angularSimilarity(**angle)) : std::nullopt,
                      item["angular_similarity"], kAngle));
  }
}

TEST(Distances, BiasMatchesSimulation) {
  // Two samples of one uniform distribution over 16 categories, 400 and 800 draws.
  double js = 0.0;
  double shortfall = 0.0;
  constexpr int kRounds = 400;
  base::Rng rng(7);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> a(16, 0.0);
    std::vector<double> b(16, 0.0);
    for (int i = 0; i < 400; ++i)
      a[rng.nextBelow(16)] += 1.0;
    for (int i = 0; i < 800; ++i)
      b[rng.nextBelow(16)] += 1.0;
    js += (*distances(a, b))->jsDivergence / kRounds;
    shortfall += (std::log(16.0) - (*entropy(a))->nats) / kRounds;
  }
  EXPECT_NEAR(js / jsDivergenceBias(16, 400, 800), 1.0, 0.08);
  EXPECT_NEAR(shortfall / entropyBias(16, 400), 1.0, 0.08);
}

TEST(Distances, BadInput) {
  const std::vector<double> none;
  const std::vector<double> negative{1.0, -1.0};
  const std::vector<double> infinite{1.0, INFINITY};
  const std::vector<double> three{1.0, 2.0, 3.0};
  EXPECT_EQ(entropy(none).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(entropy(negative).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(distances(infinite, infinite).error().code, base::ErrorCode::NonFinite);
  EXPECT_EQ(distances(three, infinite).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(cosine(three, negative).error().code, base::ErrorCode::InvalidArgument);
  const std::vector<double> huge{1e308, 1e308};
  EXPECT_NEAR((*entropy(huge))->bits, 1.0, 1e-15);
  EXPECT_NEAR(**cosine(huge, huge), 1.0, 1e-15);
}

} // namespace
} // namespace switchyard::statistics
