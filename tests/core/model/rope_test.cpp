// Rotary angles of every kind against Hugging Face transformers: tests/golden/rope/make.py.

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model/config.h"
#include "core/model/rope.h"

namespace switchyard::model {
namespace {

using nlohmann::json;

TEST(Rope, AnglesOfEveryKindMatchTransformers) {
  std::ifstream file(SY_TEST_DATA "/golden/rope/rope.json");
  const json golden = json::parse(file);
  int cases = 0;
  for (const json& test : golden.at("cases")) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    const auto config = parseConfig(test.at("config"), "config.json");
    ASSERT_TRUE(config) << config.error().describe();
    const RopeTable table(config->rope);
    const auto pairs = static_cast<std::size_t>(table.pairs());
    std::vector<float> cosines(pairs), sines(pairs);
    for (const json& run : test.at("lengths")) {
      const long length = run.at("length");
      for (std::size_t i = 0; i < run.at("positions").size(); ++i) {
        const long position = run.at("positions").at(i);
        table.angles(position, length, cosines, sines);
        ASSERT_EQ(run.at("cos").at(i).size(), pairs);
        // One unit in the last place of an inverse frequency turns the angle by position * 6e-8.
        const double tolerance = 3e-7 + 1.3e-7 * static_cast<double>(position);
        for (std::size_t pair = 0; pair < pairs; ++pair) {
          EXPECT_NEAR(cosines[pair], run.at("cos").at(i).at(pair).get<double>(), tolerance)
              << "length " << length << " position " << position << " pair " << pair;
          EXPECT_NEAR(sines[pair], run.at("sin").at(i).at(pair).get<double>(), tolerance)
              << "length " << length << " position " << position << " pair " << pair;
        }
      }
    }
    ++cases;
  }
  EXPECT_GE(cases, 20);
}

TEST(Rope, OnlyDynamicAndLongRopeDependOnTheLength) {
  RopeConfig config;
  config.rotaryDim = 8;
  config.factor = 2.0;
  config.maxPositions = 32;
  config.originalMaxPositions = 16;
  config.shortFactor = config.longFactor = {1, 1, 1, 1};
  for (const auto& [kind, depends] :
       {std::pair{RopeKind::Default, false}, std::pair{RopeKind::Linear, false},
        std::pair{RopeKind::Yarn, false}, std::pair{RopeKind::Llama3, false},
        std::pair{RopeKind::Dynamic, true}, std::pair{RopeKind::LongRope, true}}) {
    config.kind = kind;
    EXPECT_EQ(RopeTable(config).lengthDependent(), depends);
  }
}

TEST(Rope, ApplyRotatesPairsAndLeavesTheRest) {
  // Angles 90 and 180 degrees: (a, b) becomes (-b, a) and (-a, -b).
  const std::vector<float> cosines = {0, -1};
  const std::vector<float> sines = {1, 0};
  std::vector<float> halves = {1, 2, 3, 4, 5, 6};
  applyRope(halves, cosines, sines, false); // pairs (0, 2) and (1, 3)
  EXPECT_EQ(halves, (std::vector<float>{-3, -2, 1, -4, 5, 6}));
  std::vector<float> neighbours = {1, 2, 3, 4, 5, 6};
  applyRope(neighbours, cosines, sines, true); // pairs (0, 1) and (2, 3)
  EXPECT_EQ(neighbours, (std::vector<float>{-2, 1, -3, -4, 5, 6}));
}

} // namespace
} // namespace switchyard::model
