// Effects, their agreement with affinities, and the record of an ablation.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/jobs/ablate/ablate.h"
#include "core/base/rng.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs::ablate {
namespace {

using ::testing::HasSubstr;

const base::ThreadContext& threads() {
  static const base::ThreadContext context(2);
  return context;
}

/// Two layers (1 and 4) of 4 experts, top-1; expert e is selected e + 1 times in layer 1 and 4 - e
/// times in layer 4.
AffinityCounter counted() {
  AffinityCounter counter({}, "");
  const std::vector<trace::LayerInfo> layers{{1, 4, 1}, {4, 4, 1}};
  trace::Analyzer& load = *counter.counters().front();
  EXPECT_TRUE(load.begin(layers));
  trace::SequenceInfo sequence;
  sequence.tokens.assign(10, 0);
  const std::vector<std::vector<std::uint16_t>> ids{{0, 1, 1, 2, 2, 2, 3, 3, 3, 3},
                                                    {3, 2, 2, 1, 1, 1, 0, 0, 0, 0}};
  const std::vector<float> weights(10, 0.5f);
  for (int layer = 0; layer < 2; ++layer) {
    trace::RoutingBlock block;
    block.sequence = &sequence;
    block.moeLayer = layer;
    block.info = layers[static_cast<std::size_t>(layer)];
    block.rows = 10;
    block.ids = ids[static_cast<std::size_t>(layer)];
    block.weights = weights;
    EXPECT_TRUE(load.add(block));
  }
  EXPECT_TRUE(counter.finish());
  return counter;
}

TEST(Ablate, ChoosesExperts) {
  const AffinityCounter affinities = counted();
  const auto choose = [&](const std::string& text) {
    return chooseExperts(text, affinities.layers(), affinities);
  };
  using Ids = std::vector<ExpertId>;
  EXPECT_EQ(*choose("top:3"), (Ids{{1, 2}, {1, 3}, {4, 0}})) << "4, 4 and the first of the 3s";
  EXPECT_EQ(choose("top:99")->size(), 8u);
  EXPECT_EQ(choose("all")->size(), 8u);
  EXPECT_EQ(*choose("all-of-layer:4"), (Ids{{4, 0}, {4, 1}, {4, 2}, {4, 3}}));
  EXPECT_EQ(*choose("4:2,1:0"), (Ids{{1, 0}, {4, 2}}));
  EXPECT_EQ(*choose("3"), (Ids{{1, 3}, {4, 3}})) << "of every layer";
  for (const char* wrong : {"", "top:", "top:0", "top:x", "all-of-layer:2", "all-of-layer:", "4:4",
                            "2:1", "4:1,4:1", "4:1,", "x"}) {
    const auto refused = choose(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("top:20")) << wrong;
  }
}

TEST(Ablate, EffectsAreMeansOfDifferences) {
  const AffinityCounter affinities = counted();
  const Measurement base{{10, 4}, {20, 6}, {30, 10}};
  // Without 1:3 the three documents lose 2, 4 and 4 nats of 20 tokens; without 4:3 one gains 1.
  const auto effects = effectsOf(base,
                                 {{{1, 3}, {{12, 4}, {24, 6}, {34, 10}}},
                                  {{4, 3}, {{10, 4}, {19, 6}, {30, 10}}},
                                  {{1, 0}, {{10, 4}, {20, 6}, {30, 10}}}},
                                 affinities, {}, threads());
  ASSERT_TRUE(effects) << effects.error().describe();
  ASSERT_EQ(effects->effects.size(), 3u);
  const Effect& worst = effects->effects[0];
  EXPECT_EQ(worst.id, (ExpertId{1, 3}));
  EXPECT_DOUBLE_EQ(worst.harm, 0.5);
  EXPECT_EQ(worst.touched, 3);
  EXPECT_EQ(worst.affinity.uses, 4);
  EXPECT_DOUBLE_EQ(*worst.affinity.share, 0.4);
  EXPECT_DOUBLE_EQ(*worst.affinity.meanWeight, 0.5);
  // All 8 sign vectors: two of them are as far from 0 as (+, +, +).
  EXPECT_DOUBLE_EQ(worst.p, 0.25);
  EXPECT_DOUBLE_EQ(worst.adjustedP, 0.75);
  EXPECT_EQ(effects->effects[1].harm, 0.0);
  EXPECT_EQ(effects->effects[1].touched, 0);
  EXPECT_DOUBLE_EQ(effects->effects[2].harm, -0.05);
  ASSERT_TRUE(worst.interval);
  EXPECT_LE((*worst.interval)[0], 0.5);
  EXPECT_GE((*worst.interval)[1], 0.5);
}

TEST(Ablate, OfScoresLessIsHarm) {
  const AffinityCounter affinities = counted();
  const Measurement base{{1, 1, "8"}, {0, 1, "9"}};
  const auto effects = effectsOf(base, {{{1, 1}, {{0, 1, "7"}, {0, 1, "9"}}}}, affinities,
                                 {.accuracy = true}, threads());
  ASSERT_TRUE(effects);
  EXPECT_DOUBLE_EQ(effects->effects[0].harm, 0.5);
  EXPECT_DOUBLE_EQ(effects->effects[0].changed, 0.5);
}

TEST(Ablate, RankCorrelationAndDisagreements) {
  const AffinityCounter affinities = counted();
  base::Rng rng(4);
  Measurement base;
  for (int i = 0; i < 40; ++i)
    base.push_back({100, 10});
  // In layer 1 harm follows use; expert 4:0 is used most and does nothing, 4:3 least and is vital.
  const std::vector<std::pair<ExpertId, double>> harms{{{1, 0}, 1}, {{1, 1}, 2}, {{1, 2}, 3},
                                                       {{1, 3}, 4}, {{4, 0}, 0}, {{4, 3}, 5}};
  std::vector<std::pair<ExpertId, Measurement>> without;
  for (const auto& [id, harm] : harms) {
    Measurement changed = base;
    for (Measured& document : changed)
      document.value += harm + 0.1 * rng.nextNormal();
    without.emplace_back(id, std::move(changed));
  }
  const auto effects = effectsOf(base, without, affinities, {.disagreements = 2}, threads());
  ASSERT_TRUE(effects);
  ASSERT_EQ(effects->agreements.size(), 2u) << "share and mean weight; no markers, no labels";
  const Agreement& share = effects->agreements[0];
  EXPECT_EQ(share.measure, "share");
  // Uses 1 2 3 4 4 1 -> ranks 1.5 3 4 5.5 5.5 1.5; harm ranks 2 3 4 5 1 6.
  const double meanRank = 3.5;
  const std::vector<double> x{1.5, 3, 4, 5.5, 5.5, 1.5};
  const std::vector<double> y{2, 3, 4, 5, 1, 6};
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    xy += (x[i] - meanRank) * (y[i] - meanRank);
    xx += (x[i] - meanRank) * (x[i] - meanRank);
    yy += (y[i] - meanRank) * (y[i] - meanRank);
  }
  EXPECT_NEAR(*share.rho, xy / std::sqrt(xx * yy), 1e-12);
  EXPECT_FALSE(effects->agreements[1].rho) << "the weights are all the same";
  ASSERT_GE(effects->disagreements.size(), 2u);
  std::vector<ExpertId> strongest;
  for (std::size_t i = 0; i < 2; ++i)
    strongest.push_back(effects->effects[effects->disagreements[i].effect].id);
  EXPECT_THAT(strongest, ::testing::UnorderedElementsAre(ExpertId{4, 0}, ExpertId{4, 3}));
  for (const Effect& effect : effects->effects)
    EXPECT_EQ(effect.adjustedP<0.05, effect.harm> 0.05)
        << effect.id.layer << ":" << effect.id.expert;
  const auto described = describeEffects(*effects, {.texts = {"x"}}, 40, 400);
  EXPECT_EQ(described.tables[0].rows.size(), 6u);
  EXPECT_EQ(described.tables[2].rows.size(), effects->disagreements.size());
  EXPECT_THAT(described.findings.front(), HasSubstr("layer 4 expert 3"));
}

TEST(Ablate, TheRecordSurvivesAndIsHeldAgainstItsOrigin) {
  const tests::TempFolder folder;
  const auto path = folder / "ablation.json";
  const Measurement base{{0.1, 3, "ja\"\n"}, {1.0 / 3.0, 2}};
  {
    auto store = Store::open(path, "a", false);
    ASSERT_TRUE(store);
    EXPECT_EQ(store->base(), nullptr);
    ASSERT_TRUE(store->setBase(base));
    ASSERT_TRUE(store->add({4, 2}, {{0.2, 3, "x"}, {1.0 / 7.0, 2}}));
  }
  const auto again = Store::open(path, "a", false);
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(*again->base(), base);
  ASSERT_NE(again->find({4, 2}), nullptr);
  EXPECT_EQ((*again->find({4, 2}))[1].value, 1.0 / 7.0);
  EXPECT_EQ(again->find({4, 3}), nullptr);
  EXPECT_EQ(Store::open(path, "b", false).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(Store::open(path, "b", true)->base(), nullptr);
  for (const char* text :
       {"", "[]", "{}", R"({"identity":"a","base":[[1]],"experts":[]})",
        R"({"identity":"a","base":[[1,2]],"experts":[{"layer":1,"expert":2,"units":[]}]})",
        R"({"identity":"a","base":[[1,2]],"experts":[{"layer":-1,"expert":2,"units":[[1,2]]}]})"})
    EXPECT_EQ(Store::open(folder.write("bad.json", text), "a", false).error().code,
              base::ErrorCode::InvalidFormat)
        << text;
}

} // namespace
} // namespace switchyard::jobs::ablate
