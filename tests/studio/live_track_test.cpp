// The routing that the live views show: tracks, metrics, candidates, recipe marks, replay.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/studio/live/recipe_marks.h"
#include "app/studio/live/replay.h"
#include "app/studio/live/token_metric.h"
#include "app/studio/live/track.h"
#include "core/trace/writer.h"
#include "tests/studio/made_up_track.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(Track, GivesBackWhatWasAppended) {
  const TrackShape shape = tests::shapeOf(3, 16, 4);
  Track track(shape, 10);
  for (std::int64_t p = 10; p < 14; ++p)
    track.append(tests::madeUpRouting(shape, p));
  const TokenRouting expected = tests::madeUpRouting(shape, 12);
  ASSERT_TRUE(track.has(12));
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(track.ids(12, layer)[rank], expected.ids[layer * 4 + rank]);
      EXPECT_EQ(track.weights(12, layer)[rank], expected.weights[layer * 4 + rank]);
    }
    EXPECT_EQ(track.firstChoice(12, layer), expected.ids[layer * 4]);
    EXPECT_EQ(track.topGate(12, layer), expected.weights[layer * 4]);
    EXPECT_EQ(track.entropy(12, layer), expected.entropy[layer]);
  }
  EXPECT_FALSE(track.contains(9));
  EXPECT_FALSE(track.contains(14));
  track.setNext(13, {.token = 5});
  track.truncate(12);
  EXPECT_EQ(track.end(), 12);
  EXPECT_EQ(track.next(13), nullptr);
  track.append(tests::madeUpRouting(shape, 12));
  EXPECT_EQ(track.firstChoice(12, 2), expected.ids[8]);
}

TEST(Track, CountsUses) {
  const TrackShape shape = tests::shapeOf(1, 4, 2);
  Track track(shape);
  const std::uint16_t rows[][2] = {{0, 1}, {1, 2}, {1, trace::kNoExpert}};
  for (std::int64_t p = 0; p < 3; ++p) {
    TokenRouting routing(shape);
    routing.position = p;
    routing.ids = {rows[p][0], rows[p][1]};
    track.append(routing);
  }
  EXPECT_EQ(track.uses(0, 1, 0, 3), 3);
  EXPECT_EQ(track.uses(0, 2, 0, 1), 0);
  std::vector<int> counts(4);
  track.countUses(0, -5, 99, counts);
  EXPECT_THAT(counts, ElementsAre(1, 3, 1, 0));
}

TEST(TokenMetric, MeansOfKnownLayersAndDomains) {
  const TrackShape shape = tests::shapeOf(2, 8, 4);
  Track track(shape);
  TokenRouting routing = tests::madeUpRouting(shape, 0);
  routing.entropy = {0.5f, std::numeric_limits<float>::quiet_NaN()};
  routing.weights[0] = 0.8f;
  routing.weights[4] = 0.4f;
  track.append(routing);
  EXPECT_FLOAT_EQ(valueOf(TokenMetric::TopGate, track, 0, std::nullopt), 0.6f);
  EXPECT_FLOAT_EQ(valueOf(TokenMetric::Entropy, track, 0, std::nullopt), 0.5f);
  EXPECT_TRUE(std::isnan(valueOf(TokenMetric::Agreement, track, 0, std::nullopt)));
  EXPECT_TRUE(std::isnan(valueOf(TokenMetric::TopGate, track, 3, std::nullopt)));
  const ColorDomain scale = designedScale(TokenMetric::TopGate, shape);
  EXPECT_DOUBLE_EQ(scale.low, 0.25);
  EXPECT_DOUBLE_EQ(scale.high, 1.0);
  EXPECT_DOUBLE_EQ(scale.share(0.625), 0.5);
  EXPECT_DOUBLE_EQ(scale.share(7), 1.0);
  EXPECT_DOUBLE_EQ(designedScale(TokenMetric::Npmi, shape).share(0), 0.5);
  ExpertScores scores{std::vector<float>(16, 0.1f), 8};
  scores.values[8 + static_cast<std::size_t>(track.firstChoice(0, 1))] = 0.3f;
  EXPECT_FLOAT_EQ(valueOf(TokenMetric::Npmi, track, 0, std::size_t{1}, &scores), 0.3f);
}

TEST(RecipeMarks, NameTheExpertsOfEnabledSteps) {
  const TrackShape shape = tests::shapeOf(2, 32, 4, 3); // layers 3 and 4 of the stack
  const auto recipe = routing::parseRecipe(R"({"steps": [
    {"plugin": "ban", "options": {"experts": ["3:17", "9:1"]}},
    {"plugin": "boost", "options": {"experts": [5], "multiplier": 2}, "scope": {"layers": [4]}},
    {"plugin": "force", "scope": {"experts": ["4:30"]}},
    {"plugin": "ban", "options": {"experts": ["3:2"]}, "enabled": false}]})",
                                           {});
  ASSERT_TRUE(recipe) << recipe.error().describe();
  EXPECT_THAT(recipeMarks(*recipe, shape),
              UnorderedElementsAre(RecipeMark{{0, 17}, RecipeMark::Ban},
                                   RecipeMark{{1, 5}, RecipeMark::Boost},
                                   RecipeMark{{1, 30}, RecipeMark::Force}));
}

/// Two sequences of `tokens` over two layers of 8 experts, k = 2, with logits.
std::shared_ptr<const trace::Trace> record(const std::filesystem::path& path, int tokens) {
  trace::TraceMeta meta;
  meta.stackLayers = 2;
  meta.layers = {{0, 8, 2}, {1, 8, 2}};
  auto writer = trace::TraceWriter::create(path, meta, {.weights = true, .logits = true});
  EXPECT_TRUE(writer) << writer.error().describe();
  for (int sequence = 0; sequence < 2; ++sequence) {
    trace::SequenceInfo info;
    info.index = sequence;
    info.id = "s" + std::to_string(sequence);
    EXPECT_TRUE((*writer)->beginSequence(info));
    std::vector<std::int32_t> ids;
    for (int layer = 0; layer < 2; ++layer)
      for (int t = 0; t < tokens; ++t) {
        const std::int32_t experts[] = {(t + layer) % 8, (t + layer + 3 + sequence) % 8};
        const float weights[] = {0.75f, 0.25f};
        std::vector<float> logits(8, 0.0f);
        logits[static_cast<std::size_t>(experts[0])] = static_cast<float>(std::log(9.0));
        EXPECT_TRUE((*writer)->addRouting(layer, {1, experts, weights, logits, {}}));
      }
    for (int t = 0; t < tokens; ++t)
      ids.push_back(t + 1000 * sequence);
    EXPECT_TRUE((*writer)->endSequence(ids, 3));
  }
  EXPECT_TRUE((*writer)->finish());
  auto trace = trace::Trace::open(path);
  EXPECT_TRUE(trace);
  return *trace;
}

TEST(Replay, EqualsTheTrace) {
  const tests::TempFolder folder;
  const auto trace = record(folder / "t.swy", 40);
  const auto window = loadReplay(trace, 1, 0, {});
  ASSERT_TRUE(window) << window.error().describe();
  EXPECT_EQ(window->total, 40);
  EXPECT_EQ(window->info.id, "s1");
  const Track& track = window->track;
  EXPECT_EQ(track.begin(), 0);
  EXPECT_EQ(track.end(), 40);
  EXPECT_EQ(track.promptLength(), 3);
  for (std::int64_t p = 0; p < 40; ++p)
    for (std::size_t layer = 0; layer < 2; ++layer) {
      const auto l = static_cast<std::int64_t>(layer);
      EXPECT_THAT(track.ids(p, layer), ElementsAre((p + l) % 8, (p + l + 4) % 8));
      EXPECT_THAT(track.weights(p, layer), ElementsAre(0.75f, 0.25f));
      // Probabilities 9/16 and seven times 1/16.
      EXPECT_NEAR(track.margin(p, layer), 0.5, 1e-6);
      const double h = -(9.0 / 16 * std::log(9.0 / 16) + 7.0 / 16 * std::log(1.0 / 16));
      EXPECT_NEAR(track.entropy(p, layer), h / std::log(8.0), 1e-5);
    }
  EXPECT_EQ(track.token(7), 1007);
  EXPECT_FALSE(loadReplay(trace, 5, 0, {})) << "no such sequence";
}

TEST(Replay, ReadsAWindowOfALongSequence) {
  const tests::TempFolder folder;
  const auto trace = record(folder / "long.swy", 20000);
  const auto window = loadReplay(trace, 0, 15000, {});
  ASSERT_TRUE(window) << window.error().describe();
  EXPECT_TRUE(window->track.contains(15000));
  EXPECT_LE(window->track.end() - window->track.begin(), 8192);
  EXPECT_LT(window->track.bytes(), 2u << 20);
  EXPECT_EQ(window->track.firstChoice(15000, 1), 15001 % 8);
  EXPECT_EQ(window->total, 20000);
}

} // namespace
} // namespace switchyard::studio
