#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/entropy/entropy.h"
#include "analyzers/load/load.h"
#include "analyzers/locality/locality.h"
#include "analyzers/npmi/npmi.h"
#include "analyzers/report/json.h"
#include "analyzers/specialization/specialization.h"
#include "analyzers/transitions/transitions.h"
#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

struct Case {
  const char* name;
  std::function<std::unique_ptr<trace::Analyzer>()> make;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

/// Random routing with weights, logits and predictions, of two layers of different shape.
test::TraceData randomTrace(unsigned seed) {
  std::mt19937 random(seed);
  test::TraceData data;
  data.layers = {{1, 12, 3}, {2, 8, 2}, {4, 8, 2}};
  for (std::int64_t s = 0; s < 23; ++s) {
    trace::SequenceInfo info;
    info.index = s;
    info.id = "s" + std::to_string(s);
    info.tokens.resize(1 + random() % 90);
    info.promptLength = static_cast<std::int64_t>(info.tokens.size() / 2);
    for (auto& t : info.tokens)
      t = static_cast<std::int32_t>(random() % 30);
    if (s % 7 != 0)
      info.labels["domain"] = std::string(1, static_cast<char>('a' + random() % 4));
    data.columns.emplace_back();
    for (const trace::LayerInfo& layer : data.layers) {
      test::TraceData::Column c;
      for (std::size_t t = 0; t < info.tokens.size(); ++t) {
        std::vector<std::uint16_t> order;
        for (int e = 0; e < layer.experts; ++e)
          order.push_back(static_cast<std::uint16_t>(e));
        std::shuffle(order.begin(), order.end(), random);
        for (int a = 0; a < layer.k; ++a) {
          c.ids.push_back(random() % 50 == 0 ? trace::kNoExpert
                                             : order[static_cast<std::size_t>(a)]);
          c.weights.push_back(static_cast<float>(random() % 100000) * 1.1e-5f);
        }
        for (int e = 0; e < layer.experts; ++e)
          c.logits.push_back(static_cast<float>(random() % 2000) * 0.003f - 3);
        c.predicted.push_back(static_cast<std::int32_t>(random() % 30));
      }
      data.columns.back().push_back(c);
    }
    data.sequences.push_back(info);
  }
  return data;
}

class Merge : public testing::TestWithParam<Case> {};

TEST_P(Merge, anySplitBySequencesEqualsOnePass) {
  const test::TraceData data = randomTrace(11);
  const auto whole = GetParam().make();
  data.feedAll(*whole);
  const auto onePass = whole->result();
  ASSERT_TRUE(onePass) << onePass.error().describe();
  const std::string expected = report::toJson(*onePass);
  EXPECT_GT(onePass->tables.size(), 0u);

  std::mt19937 random(3);
  for (int split = 0; split < 12; ++split) {
    const std::size_t parts = 1 + random() % 5;
    std::vector<std::unique_ptr<trace::Analyzer>> shards;
    for (std::size_t p = 0; p < parts; ++p) {
      shards.push_back(GetParam().make()->cloneEmpty());
      ASSERT_TRUE(shards.back()->begin(data.layers));
    }
    const auto chunk = static_cast<std::int64_t>(1 + random() % 40);
    std::vector<std::size_t> order(data.sequences.size());
    for (std::size_t s = 0; s < order.size(); ++s)
      order[s] = s;
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t s : order)
      data.feed(*shards[random() % parts], s, chunk);
    for (std::size_t p = 1; p < parts; ++p)
      ASSERT_TRUE(shards[0]->merge(*shards[p]));
    const auto merged = shards[0]->result();
    ASSERT_TRUE(merged);
    ASSERT_EQ(report::toJson(*merged), expected) << "split " << split << " into " << parts;
  }
}

TEST_P(Merge, aStateThroughBytesCountsAsTheAnalyzerItself) {
  const test::TraceData data = randomTrace(11);
  const auto whole = GetParam().make();
  data.feedAll(*whole);
  const std::string expected = report::toJson(*whole->result());
  const auto first = GetParam().make(), second = GetParam().make();
  ASSERT_TRUE(first->begin(data.layers));
  ASSERT_TRUE(second->begin(data.layers));
  for (std::size_t s = 0; s < data.sequences.size(); ++s)
    data.feed(s < 9 ? *first : *second, s, 16);
  ASSERT_TRUE(second->canSave());
  const std::string state = second->save().value();
  const auto loaded = second->cloneEmpty();
  ASSERT_TRUE(loaded->begin(data.layers));
  const auto result = loaded->load(state);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(report::toJson(*loaded->result()), report::toJson(*second->result()));
  ASSERT_TRUE(first->merge(*loaded));
  EXPECT_EQ(report::toJson(*first->result()), expected);
}

TEST_P(Merge, bytesThatAreNoStateAreRefused) {
  const test::TraceData data = randomTrace(11);
  const auto whole = GetParam().make();
  data.feedAll(*whole);
  const std::string state = whole->save().value();
  const auto refuses = [&](std::string_view bytes, std::span<const trace::LayerInfo> layers) {
    const auto other = GetParam().make();
    EXPECT_TRUE(other->begin(layers));
    const auto loaded = other->load(bytes);
    return !loaded && loaded.error().code == base::ErrorCode::Corrupt;
  };
  for (std::size_t size = 0; size < state.size(); size += 1 + state.size() / 50)
    EXPECT_TRUE(refuses(state.substr(0, size), data.layers)) << size << " of " << state.size();
  EXPECT_TRUE(refuses(state + "x", data.layers));
  EXPECT_TRUE(
      refuses(state, std::vector<trace::LayerInfo>{{1, 12, 3}, {2, 8, 2}, {4, 8, 2}, {5, 8, 2}}));
}

TEST_P(Merge, resultMayBeAskedAtAnyTime) {
  const test::TraceData data = randomTrace(5);
  const auto asked = GetParam().make(), quiet = GetParam().make();
  data.feedAll(*quiet, 16);
  ASSERT_TRUE(asked->begin(data.layers));
  for (std::size_t s = 0; s < data.sequences.size(); ++s) {
    ASSERT_TRUE(asked->result());
    data.feed(*asked, s, 16);
  }
  EXPECT_EQ(report::toJson(*asked->result()), report::toJson(*quiet->result()));
}

TEST_P(Merge, refusesOtherKindsAndLayers) {
  const test::TraceData data = randomTrace(5);
  const auto one = GetParam().make(), other = GetParam().make();
  ASSERT_TRUE(one->begin(data.layers));
  ASSERT_TRUE(other->begin(std::vector<trace::LayerInfo>{{0, 4, 1}, {1, 4, 1}, {2, 4, 1}}));
  EXPECT_FALSE(one->merge(*other));
  struct Stranger final : trace::Analyzer {
    std::string_view id() const override { return "stranger"; }
    std::unique_ptr<trace::Analyzer> cloneEmpty() const override { return nullptr; }
    base::Result<void> begin(std::span<const trace::LayerInfo>) override { return {}; }
    base::Result<void> add(const trace::RoutingBlock&) override { return {}; }
    base::Result<void> merge(const trace::Analyzer&) override { return {}; }
    base::Result<trace::AnalysisResult> result() const override { return trace::AnalysisResult(); }
  } stranger;
  EXPECT_FALSE(one->merge(stranger));
}

INSTANTIATE_TEST_SUITE_P(
    EveryAnalyzer, Merge,
    testing::Values(
        Case{"load", [] { return std::make_unique<Load>(); }},
        Case{"coactivation",
             [] { return std::make_unique<Coactivation>(CoactivationOptions{.adjacent = true}); }},
        Case{"entropy", [] { return std::make_unique<Entropy>(); }},
        Case{"locality", [] { return std::make_unique<Locality>(); }},
        Case{"npmi",
             [] {
               return std::make_unique<Npmi>(
                   NpmiOptions{.markers = {{.name = "a", .spellings = {{3}, {4, 5}}},
                                           {.name = "b", .spellings = {{7}}, .coefficient = -1}},
                               .position = MarkerPosition::AnyToken,
                               .support = {.minExpert = 5, .minBoth = 1}});
             }},
        Case{"transitions",
             [] {
               return std::make_unique<Transitions>(
                   TransitionsOptions{.layerPairs = {{0, 1}, {0, 2}}, .equalRank = true});
             }},
        Case{"specialization",
             [] {
               return std::make_unique<Specialization>(
                   SpecializationOptions{.minCount = 3, .vocabularyOptions = {.firstSeen = true}});
             }}),
    [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace switchyard::analyzers
