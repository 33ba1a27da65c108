#include "analyzers/transitions/transitions.h"

#include <algorithm>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "analyzers/common/measures.h"
#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::expectNear;
using test::TraceData;

void expectTable(const TransitionTable& got, const json& want) {
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(got.source[i], want["source_counts"][i].get<std::uint64_t>());
    for (std::size_t j = 0; j < 16; ++j) {
      EXPECT_EQ(got.counts[i * 16 + j], want["counts"][i][j].get<std::uint64_t>());
      EXPECT_EQ(got.top1[i * 16 + j], want["top1_counts"][i][j].get<std::uint64_t>());
      EXPECT_EQ(got.equalRank[i * 16 + j], want["equal_rank_counts"][i][j].get<std::uint64_t>());
      const json& row = want["conditional"][i];
      expectNear(got.conditional(static_cast<int>(i), static_cast<int>(j)),
                 row.is_null() ? json() : row[j], 1e-12, 0, "conditional");
    }
  }
  const std::vector<double> coverage = got.coverage();
  ASSERT_EQ(coverage.size(), want["coverage"].size());
  for (std::size_t m = 0; m < coverage.size(); ++m)
    expectNear(coverage[m], want["coverage"][m], 1e-12, 0, "coverage");
  expectNear(mutualInformationOf(got.counts, 16), want["mutual_information"], 1e-9, 1e-12, "MI");
  expectNear(mutualInformationOf(got.top1, 16), want["mutual_information_top1"], 1e-9, 1e-12,
             "MI top1");
}

class GoldenTransitions : public testing::TestWithParam<std::int64_t> {};

TEST_P(GoldenTransitions, acrossLayersAndTokens) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Transitions t({.layerPairs = {{0, 1}, {1, 2}, {0, 2}}, .equalRank = true});
  data.feedAll(t, GetParam());
  expectTable(t.crossLayer(0), file["expected"]["layers_0_1"]);
  expectTable(t.crossLayer(1), file["expected"]["layers_1_2"]);
  expectTable(t.crossLayer(2), file["expected"]["layers_0_2"]);
  for (std::size_t l = 0; l < 3; ++l)
    expectTable(t.crossToken(l), file["expected"]["layer_" + std::to_string(l) + "_next_token"]);
}

INSTANTIATE_TEST_SUITE_P(RangesOf, GoldenTransitions, testing::Values(1, 17, 1000));

TEST(PairSample, findsDependenceAndOnlyThat) {
  std::mt19937 random(6);
  PairSample dependent, independent, backwards;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> steps;
  for (int t = 0; t < 5000; ++t) {
    const auto source = static_cast<std::uint16_t>(random() % 8);
    const auto other = static_cast<std::uint16_t>(random() % 8);
    steps.emplace_back(source, random() % 3 == 0 ? source : other);
    dependent.offer(t % 7, t, source, steps.back().second);
    independent.offer(t % 7, t, source, other);
  }
  for (int t = 4999; t >= 0; --t)
    backwards.offer(t % 7, t, steps[static_cast<std::size_t>(t)].first,
                    steps[static_cast<std::size_t>(t)].second);
  const auto found = dependent.permutationNull(199, 1),
             chance = independent.permutationNull(199, 1);
  ASSERT_TRUE(found && chance);
  EXPECT_DOUBLE_EQ(found->p, 1.0 / 200);
  EXPECT_GT(chance->p, .01);
  // Plug-in bias of an 8 x 8 table of 1024 steps: 49 / 2048 (Miller 1955).
  EXPECT_NEAR(chance->mean, 49.0 / 2048, 4e-3);
  EXPECT_EQ(backwards.permutationNull(199, 1)->observed, found->observed)
      << "order does not matter";
  EXPECT_EQ(PairSample().permutationNull(9, 1)->p, 1);
}

TEST(Transitions, everyLayerWithTheNextByDefault) {
  Transitions t;
  ASSERT_TRUE(t.begin(std::vector<trace::LayerInfo>{{1, 4, 2}, {2, 8, 1}, {4, 4, 2}}));
  EXPECT_EQ(t.layerPairs(), (std::vector<std::pair<int, int>>{{0, 1}, {1, 2}}));
  EXPECT_FALSE(Transitions({.layerPairs = {{0, 3}}}).begin(t.layers().all()));
  EXPECT_FALSE(Transitions({.layerPairs = {{1, 1}}}).begin(t.layers().all()));
}

TEST(Transitions, flowLinksNeighbouringLayersInOrder) {
  // One row: layer 0 expert 1 to layer 1 expert 5 to layer 2 expert 0; another: 2 to 5 to 3. Of
  // each layer the busiest expert is named, of equals the lower id.
  Transitions t({.crossToken = false, .flowExperts = 1});
  const std::vector<trace::LayerInfo> layers = {{0, 4, 1}, {1, 8, 1}, {2, 4, 1}};
  ASSERT_TRUE(t.begin(layers));
  trace::SequenceInfo sequence;
  const std::vector<std::vector<std::uint16_t>> ids = {{1, 2}, {5, 5}, {0, 3}};
  for (int layer = 0; layer < 3; ++layer)
    ASSERT_TRUE(t.add({.sequence = &sequence,
                       .moeLayer = layer,
                       .info = layers[static_cast<std::size_t>(layer)],
                       .rows = 2,
                       .ids = ids[static_cast<std::size_t>(layer)]}));
  const auto result = t.result();
  ASSERT_TRUE(result);
  const auto figure = std::ranges::find(result->figures, "transitions_flow", &trace::Figure::name);
  ASSERT_NE(figure, result->figures.end());
  const auto& flow = std::get<trace::Flow>(figure->content);
  std::vector<std::string> labels;
  for (const auto& node : flow.nodes)
    labels.push_back(node.label);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"layer 0 expert 1", "layer 0 other", "layer 1 expert 5",
                                      "layer 1 other", "layer 2 expert 0", "layer 2 other"}));
  std::vector<std::tuple<int, int, double>> links;
  for (const auto& link : flow.links)
    links.emplace_back(link.from, link.to, link.amount);
  EXPECT_EQ(links, (std::vector<std::tuple<int, int, double>>{
                       {0, 2, 1}, {1, 2, 1}, {2, 4, 1}, {2, 5, 1}}));
}

TEST(Transitions, emptyTraceHasNoCurvesAndNoVerdict) {
  Transitions t;
  ASSERT_TRUE(t.begin(std::vector<trace::LayerInfo>{{0, 4, 2}, {1, 4, 2}}));
  const auto result = t.result();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->findings.empty());
  EXPECT_TRUE(t.crossLayer(0).coverage().empty());
}

} // namespace
} // namespace switchyard::analyzers
