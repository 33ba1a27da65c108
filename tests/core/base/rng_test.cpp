#include "core/base/rng.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace switchyard::base {
namespace {

TEST(Philox, MatchesTheKnownAnswerVectors) {
  std::ifstream file(SY_TEST_DATA "/golden/routers/tables.json");
  const nlohmann::json tables = nlohmann::json::parse(file);
  const auto& vectors = tables.at("cases").at(0).at("vectors");
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors)
    EXPECT_EQ(
        philox4x32(vector.at("counter").get<PhiloxCounter>(), vector.at("key").get<PhiloxKey>()),
        vector.at("words").get<PhiloxCounter>());
}

TEST(Rng, SameSeedAndStreamGiveTheSameNumbers) {
  Rng a(7, 3), b(7, 3), other(7, 4);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = a.nextU64();
    EXPECT_EQ(value, b.nextU64());
    differs |= value != other.nextU64();
  }
  EXPECT_TRUE(differs);
}

TEST(Rng, NumbersStayInTheirRanges) {
  Rng rng(1);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = rng.nextDouble();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
    ASSERT_LT(rng.nextBelow(3), 3u);
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

} // namespace
} // namespace switchyard::base
