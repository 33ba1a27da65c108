#include "analyzers/coactivation/coactivation.h"

#include <gtest/gtest.h>

#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::expectNear;
using test::TraceData;

TraceData handTrace() {
  TraceData data;
  data.layers = {{0, 4, 3}};
  trace::SequenceInfo info;
  info.tokens.resize(4);
  data.sequences = {info};
  data.columns = {{TraceData::Column{{0, 1, 2, 0, 1, 3, 1, 2, 3, 0, 2, 1}, {}, {}, {}}}};
  return data;
}

TEST(Coactivation, handWorkedCase) {
  Coactivation c({.adjacent = true});
  handTrace().feedAll(c);
  const LayerPairs p = c.layer(0);
  EXPECT_EQ(p.counts, (std::vector<std::int64_t>{3, 4, 3, 2}));
  EXPECT_DOUBLE_EQ(*conditional(p.of(0, 1)), 1.0);
  EXPECT_DOUBLE_EQ(*conditional(p.of(1, 0)), .75);
  EXPECT_DOUBLE_EQ(*conditional(p.of(0, 2)), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*p.adjacentConditional(0, 1), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*p.adjacentConditional(0, 2), 1.0 / 3);
}

TEST(Coactivation, goldenTrace) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Coactivation c({.adjacent = true});
  data.feedAll(c, 100);
  for (std::size_t l = 0; l < data.layers.size(); ++l) {
    const json& want = file["expected"]["layer_" + std::to_string(l)];
    const LayerPairs got = c.layer(l);
    EXPECT_EQ(got.counts, want["counts"].get<std::vector<std::int64_t>>());
    for (int i = 0; i < 16; ++i) {
      for (int j = 0; j < 16; ++j) {
        if (i == j)
          continue;
        const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
        EXPECT_EQ(got.pairs[a * 16 + b], want["pair_counts"][a][b].get<std::int64_t>());
        EXPECT_EQ(got.adjacent[a * 16 + b], want["adjacent_counts"][a][b].get<std::int64_t>());
        const json& p = want["conditional"][a];
        expectNear(conditional(got.of(i, j)), p.is_null() ? json() : p[b], 1e-12, 0, "conditional");
        const json& q = want["adjacent_conditional"][a];
        expectNear(got.adjacentConditional(i, j), q.is_null() ? json() : q[b], 1e-12, 0, "adjacent");
      }
    }
    const std::vector<std::string> columns = file["pair_columns"];
    ASSERT_EQ(columns[6], "pairs_over_uniform_routing");
    for (const json& row : want["pairs"]) {
      const int i = row[0], j = row[1];
      const PairCounts n = got.of(i, j);
      EXPECT_EQ(n.both, row[2].get<std::int64_t>());
      expectNear(lift(n), row[3], 1e-12, 0, "lift");
      expectNear(jaccard(n), row[4], 1e-12, 0, "jaccard");
      expectNear(phi(n), row[5], 1e-9, 1e-12, "phi");
      expectNear(overUniform(n, 16, 4), row[6], 1e-12, 0, "over uniform");
    }
  }
}

TEST(Coactivation, baselineOfExactlyKExperts) {
  EXPECT_DOUBLE_EQ(*fixedKLift(16, 4), .8);
  EXPECT_NEAR(*fixedKLift(64, 8), 7.0 * 64 / (8 * 63), 1e-15);
  EXPECT_FALSE(fixedKLift(1, 1)) << "one expert has no pairs";
}

TEST(Coactivation, topOneHasNoPairs) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  trace::SequenceInfo info;
  info.tokens.resize(3);
  data.sequences = {info};
  data.columns = {{TraceData::Column{{0, 1, 2}, {}, {}, {}}}};
  Coactivation c;
  data.feedAll(c);
  const auto result = c.result();
  ASSERT_TRUE(result);
  ASSERT_EQ(result->warnings.size(), 1u);
  EXPECT_NE(result->warnings[0].find("co-activation is undefined"), std::string::npos);
}

TEST(Coactivation, unusedSlotsCountNowhere) {
  TraceData data;
  data.layers = {{0, 3, 2}};
  trace::SequenceInfo info;
  info.tokens.resize(2);
  data.sequences = {info};
  data.columns = {{TraceData::Column{{2, trace::kNoExpert, 2, 0}, {}, {}, {}}}};
  Coactivation c;
  data.feedAll(c);
  const LayerPairs p = c.layer(0);
  EXPECT_EQ(p.counts, (std::vector<std::int64_t>{1, 0, 2}));
  EXPECT_EQ(p.of(0, 2).both, 1);
}

} // namespace
} // namespace switchyard::analyzers
