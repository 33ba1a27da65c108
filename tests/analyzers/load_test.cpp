#include "analyzers/load/load.h"

#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::expectNear;
using test::TraceData;

TEST(Load, handWorkedLoad) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  data.sequences.emplace_back();
  data.columns = {{TraceData::Column{{0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3}, {}, {}, {}}}};
  Load load;
  data.feedAll(load);
  const auto c = load.layer(0).global;
  EXPECT_NEAR(*c.maxVio, .3333, 5e-5);
  EXPECT_NEAR(*c.cv, .2357, 5e-5);
  EXPECT_NEAR(*c.gini, .125, 1e-15);
}

/// Expert 0 takes 4, 6 and 8 of ten tokens: share 0.6, variance over sequences 3/2 * (4 + 0 + 4) /
/// 30^2, t(0.975, 2) = 4.302653.
TEST(Load, intervalsAreOverSequences) {
  TraceData data;
  data.layers = {{0, 2, 1}};
  for (std::int64_t s = 0; s < 3; ++s) {
    trace::SequenceInfo info;
    info.index = s;
    data.sequences.push_back(info);
    TraceData::Column column;
    for (int t = 0; t < 10; ++t)
      column.ids.push_back(t < 4 + 2 * s ? 0 : 1);
    data.columns.push_back({column});
  }
  Load one;
  ASSERT_TRUE(one.begin(data.layers));
  data.feed(one, 0);
  EXPECT_FALSE(one.layer(0).share[0]) << "one sequence says nothing of its spread";
  Load load, other;
  ASSERT_TRUE(load.begin(data.layers));
  ASSERT_TRUE(other.begin(data.layers));
  data.feed(load, 0);
  data.feed(load, 1, 3);
  data.feed(other, 2);
  ASSERT_TRUE(load.merge(other));
  const auto interval = load.layer(0).share[0];
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.6 - 4.302653 * std::sqrt(12.0) / 30, 1e-6);
  EXPECT_EQ(interval->high, 1) << "cut";
}

TEST(Load, goldenLoadsAndBalanceGroups) {
  const json file = test::golden("concentration.json");
  for (const json& c : file["loads"]) {
    if (std::ranges::any_of(c["load"], [](const json& x) { return !x.is_number_integer(); }))
      continue; // summed gate weights: not a count
    const auto got = concentrationOf(c["load"].get<std::vector<std::int64_t>>());
    EXPECT_EQ(got.dead, c["dead"].get<std::int64_t>());
    expectNear(got.maxVio, c["max_vio"], 1e-11, 1e-13, c["name"]);
    expectNear(got.effectiveExperts, c["effective_experts"], 1e-11, 1e-13, c["name"]);
  }
  for (const json& c : file["balance"]) {
    for (std::size_t g = 0; g < c["groups"].size(); ++g) {
      const json& group = c["groups"][g];
      const std::vector<std::int64_t> counts = group["counts"];
      const std::vector<double> prob = group["prob_sum"];
      expectNear(loadBalanceOf(counts, prob, group["tokens"], c["k"]), c["lbl_per_group"][g], 1e-11,
                 1e-13, c["name"]);
    }
  }
}

TEST(Load, countsAndGateMassOfTheGoldenTrace) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Load load;
  data.feedAll(load, 17);
  for (std::size_t l = 0; l < data.layers.size(); ++l) {
    const json& want = file["expected"]["layer_" + std::to_string(l)];
    const LayerLoad got = load.layer(l);
    EXPECT_EQ(got.tokens, 2000);
    EXPECT_EQ(got.counts, want["counts"].get<std::vector<std::int64_t>>());
    // The golden weights have 5 decimals; float32 storage keeps them apart.
    for (std::size_t e = 0; e < got.counts.size(); ++e)
      EXPECT_EQ(std::llround(got.gateMass[e] * 1e5),
                std::llround(want["gate_sum"][e].get<double>() * 1e5));
    EXPECT_FALSE(got.lblGlobal) << "no logits were recorded";
  }
}

/// Two sequences with logits; everything recomputed plainly in double.
TEST(Load, batchAndGlobalValuesAgainstPlainLoops) {
  std::mt19937 random(7);
  TraceData data;
  data.layers = {{0, 8, 2}};
  for (std::int64_t s = 0; s < 3; ++s) {
    trace::SequenceInfo info;
    info.index = s;
    info.tokens.resize(40);
    data.sequences.push_back(info);
    TraceData::Column c;
    std::normal_distribution<float> normal(0, 2);
    for (int t = 0; t < 40; ++t) {
      std::vector<float> z(8);
      for (float& x : z)
        x = normal(random);
      std::vector<std::uint16_t> order(8);
      std::iota(order.begin(), order.end(), std::uint16_t{0});
      std::ranges::stable_sort(order, [&](auto a, auto b) { return z[a] > z[b]; });
      c.ids.insert(c.ids.end(), order.begin(), order.begin() + 2);
      c.logits.insert(c.logits.end(), z.begin(), z.end());
    }
    data.columns.push_back({c});
  }
  Load load;
  data.feedAll(load, 7);
  double micro = 0, batch = 0;
  std::vector<double> allF(8), allP(8);
  for (const auto& sequence : data.columns) {
    std::vector<double> f(8), p(8);
    for (std::size_t t = 0; t < 40; ++t) {
      double sum = 0;
      for (std::size_t e = 0; e < 8; ++e)
        sum += std::exp(static_cast<double>(sequence[0].logits[t * 8 + e]));
      for (std::size_t e = 0; e < 8; ++e)
        p[e] += std::exp(static_cast<double>(sequence[0].logits[t * 8 + e])) / sum / 40;
      f[sequence[0].ids[2 * t]] += 1.0 / 80;
      f[sequence[0].ids[2 * t + 1]] += 1.0 / 80;
    }
    for (std::size_t e = 0; e < 8; ++e) {
      micro += 8 * f[e] * p[e] / 3;
      allF[e] += f[e] / 3;
      allP[e] += p[e] / 3;
    }
    batch += (*std::ranges::max_element(f) * 8 - 1) / 3;
  }
  const LayerLoad got = load.layer(0);
  EXPECT_EQ(got.batches, 3);
  EXPECT_NEAR(*got.maxVioBatch, batch, 1e-12);
  EXPECT_NEAR(*got.global.maxVio, *std::ranges::max_element(allF) * 8 - 1, 1e-12);
  EXPECT_NEAR(*got.lblMicro, micro, 1e-6); // float32 probabilities
  EXPECT_NEAR(*got.lblGlobal, 8 * std::inner_product(allF.begin(), allF.end(), allP.begin(), 0.0),
              1e-6);
}

TEST(Load, verdictsNeedEnoughData) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  trace::SequenceInfo info;
  info.tokens.resize(200);
  data.sequences = {info};
  data.columns = {{TraceData::Column{std::vector<std::uint16_t>(200, 1), {}, {}, {}}}};
  Load load;
  data.feedAll(load);
  const auto result = load.result();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->findings.empty());
  ASSERT_FALSE(result->warnings.empty());
  EXPECT_NE(result->warnings[0].find("not enough data: 200 tokens, 1000 needed"), std::string::npos)
      << result->warnings[0];
}

TEST(Load, nothingSeenGivesUndefinedNumbersAndNoVerdict) {
  Load load;
  ASSERT_TRUE(load.begin(std::vector<trace::LayerInfo>{{3, 8, 2}}));
  const auto result = load.result();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->findings.empty());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(result->headlines[0].value));
}

TEST(LayerSet, refusesBlocksThatDoNotFit) {
  TraceData data;
  data.layers = {{0, 4, 2}};
  data.sequences.emplace_back();
  data.columns = {{TraceData::Column{{0, 1, 2, 9}, {.5f, .5f, .5f, .5f}, {}, {}}}};
  Load load;
  ASSERT_TRUE(load.begin(data.layers));
  const auto badId = load.add(data.block(0, 0, 0, 2));
  ASSERT_FALSE(badId);
  EXPECT_EQ(badId.error().code, base::ErrorCode::InvalidFormat);
  EXPECT_EQ(badId.error().where.token->value, 1);
  data.columns[0][0].ids[3] = trace::kNoExpert;
  EXPECT_TRUE(load.add(data.block(0, 0, 0, 2)));
  data.columns[0][0].weights[1] = NAN;
  EXPECT_FALSE(load.add(data.block(0, 0, 0, 2)));
  trace::RoutingBlock block = data.block(0, 0, 0, 1);
  block.rows = 2;
  EXPECT_FALSE(load.add(block));
  block = data.block(0, 0, 1, 1);
  block.moeLayer = 1;
  EXPECT_FALSE(load.add(block));
  block = data.block(0, 0, 1, 1);
  block.info.experts = 5;
  EXPECT_FALSE(load.add(block));
  EXPECT_FALSE(Load().begin({}));
  EXPECT_FALSE(Load().begin(std::vector<trace::LayerInfo>{{0, 4, 5}}));
  EXPECT_FALSE(Load().begin(std::vector<trace::LayerInfo>{{0, 70000, 2}}));
}

} // namespace
} // namespace switchyard::analyzers
