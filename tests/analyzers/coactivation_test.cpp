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
  EXPECT_DOUBLE_EQ(*p.conditional(0, 1), 1.0);
  EXPECT_DOUBLE_EQ(*p.conditional(1, 0), .75);
  EXPECT_DOUBLE_EQ(*p.conditional(0, 2), 2.0 / 3);
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
        expectNear(got.conditional(i, j), p.is_null() ? json() : p[b], 1e-12, 0, "conditional");
        const json& q = want["adjacent_conditional"][a];
        expectNear(got.adjacentConditional(i, j), q.is_null() ? json() : q[b], 1e-12, 0,
                   "adjacent");
      }
    }
    const std::vector<std::string> columns = file["pair_columns"];
    ASSERT_EQ(columns[6], "pairs_over_uniform_routing");
    const auto pairs = expertPairs(got);
    ASSERT_TRUE(pairs) << pairs.error().describe();
    ASSERT_EQ(pairs->size(), want["pairs"].size());
    for (std::size_t p = 0; p < pairs->size(); ++p) {
      const json& row = want["pairs"][p];
      const ExpertPair& pair = (*pairs)[p];
      ASSERT_EQ(json({pair.i, pair.j, pair.both}), json({row[0], row[1], row[2]}));
      expectNear(pair.association.lift, row[3], 1e-12, 0, "lift");
      expectNear(pair.association.jaccard, row[4], 1e-12, 0, "jaccard");
      expectNear(pair.association.phi, row[5], 1e-9, 1e-12, "phi");
      expectNear(pair.overUniform, row[6], 1e-12, 0, "over uniform");
      expectNear(pair.association.g, row[7], 1e-9, 1e-9, "G");
      expectNear(pair.association.gP, row[8], 1e-8, 1e-300, "p");
      expectNear(pair.adjustedP, row[10], 1e-8, 1e-300, "adjusted p");
    }
  }
}

/// Routing that keeps 2 of 4 groups at random, then 2 of their 4 experts: no pair stands out once
/// the baseline knows the groups; without it, pairs inside a group would.
TEST(Coactivation, groupedRoutingHasItsOwnBaseline) {
  TraceData data;
  data.layers = {{0, 8, 2}};
  trace::SequenceInfo info;
  TraceData::Column column;
  for (std::uint16_t g = 0; g < 4; ++g) {
    for (std::uint16_t h = static_cast<std::uint16_t>(g + 1); h < 4; ++h) {
      const std::uint16_t allowed[] = {
          static_cast<std::uint16_t>(2 * g), static_cast<std::uint16_t>(2 * g + 1),
          static_cast<std::uint16_t>(2 * h), static_cast<std::uint16_t>(2 * h + 1)};
      for (int a = 0; a < 4; ++a) {
        for (int b = a + 1; b < 4; ++b)
          column.ids.insert(column.ids.end(), {allowed[a], allowed[b]});
      }
    }
  }
  info.tokens.resize(column.ids.size() / 2);
  data.sequences = {info};
  data.columns = {{column}};
  Coactivation c({.groups = 4, .groupsKept = 2});
  data.feedAll(c);
  const auto grouped = expertPairs(c.layer(0), 4, 2), plain = expertPairs(c.layer(0));
  ASSERT_TRUE(grouped && plain);
  for (const ExpertPair& pair : *grouped)
    EXPECT_NEAR(*pair.overUniform, 1.0, 1e-12) << pair.i << " " << pair.j;
  EXPECT_GT(*(*plain)[0].overUniform, 2.0);
  EXPECT_FALSE(Coactivation({.groups = 3}).begin(data.layers));
  EXPECT_FALSE(Coactivation({.groups = 8, .groupsKept = 1}).begin(data.layers))
      << "too few for top-2";
}

TEST(Coactivation, clustersPutPartnersSideBySide) {
  // Experts 0, 2, 4 always together, and 1, 3, 5.
  TraceData data;
  data.layers = {{0, 6, 3}};
  trace::SequenceInfo info;
  info.tokens.resize(20);
  data.sequences = {info};
  TraceData::Column column;
  for (int t = 0; t < 20; ++t) {
    for (int e : {0, 2, 4})
      column.ids.push_back(static_cast<std::uint16_t>(e + t % 2));
  }
  data.columns = {{column}};
  Coactivation c;
  data.feedAll(c);
  const std::vector<int> all = {0, 1, 2, 3, 4, 5};
  const auto clustered = clusterExperts(c.layer(0), all);
  ASSERT_TRUE(clustered);
  ASSERT_EQ(clustered->order.size(), 6u);
  for (std::size_t p = 0; p < 6; ++p)
    EXPECT_EQ(clustered->order[p] % 2, clustered->order[p < 3 ? 0 : 3] % 2);
  ASSERT_EQ(clustered->merges.size(), 5u);
  EXPECT_DOUBLE_EQ(clustered->merges.back().height, 1.0);
  EXPECT_DOUBLE_EQ(clustered->merges.front().height, 0.0);
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
