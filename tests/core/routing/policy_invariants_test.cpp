// What must hold of every built-in step, whatever the numbers.

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/rng.h"
#include "core/routing/policies/catalog.h"
#include "core/routing/reroute.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing {
namespace {

using nlohmann::json;
using testing::Bench;

struct Sample {
  std::string step;
  json options;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"adaptive-gap", {{"threshold", 0.15}}},
      {"ban", {{"experts", {1, 6}}}},
      {"ban", {{"experts", {1, 6}}, {"where", "choice"}}},
      {"bias", {{"experts", {2}}, {"value", 1.5}}},
      {"bias", {{"experts", {2}}, {"value", 0.25}, {"where", "choice"}}},
      {"boost", {{"experts", {0, 3}}, {"multiplier", 4}}},
      {"boost", {{"experts", {0, 3}}, {"multiplier", 4}, {"where", "pre-norm"}}},
      {"boost", {{"experts", {0, 3}}, {"multiplier", 4}, {"where", "logit"}}},
      {"expert-choice", {{"capacity-factor", 1.5}}},
      {"force", {{"experts", {5}}}},
      {"hash", {{"method", "modulo"}}},
      {"mask", {{"experts", {0, 3}}, {"mode", "zero"}}},
      {"mask", {{"experts", {0, 3}}, {"mode", "zero-renorm"}}},
      {"mask", {{"experts", {0, 3}}, {"mode", "route-around"}}},
      {"mask", {{"experts", {0, 3}}, {"mode", "swap"}}},
      {"npmi-steer", {{"experts", {"0:2"}}}},
      {"null-experts", {{"k", 3}, {"count", 2}, {"logit", 0.5}}},
      {"random", json::object()},
      {"random", {{"k", 3}, {"weights", "renorm"}}},
      {"rank-r", {{"rank", 2}}},
      {"relu", json::object()},
      {"threshold", {{"threshold", 0.6}}},
      {"top-k", {{"k", 3}}},
      {"top-p", {{"p", 0.6}, {"renorm", true}}},
  };
  return all;
}

std::vector<float> randomLogits(std::size_t rows, std::size_t experts, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<float> logits(rows * experts);
  for (float& logit : logits)
    logit = static_cast<float>(rng.nextNormal() * 1.5);
  return logits;
}

std::vector<GateConfig> gates() {
  std::vector<GateConfig> list;
  list.push_back(testing::softmaxGate(8, 2, Renorm::Sum));
  list.push_back(testing::softmaxGate(8, 3, Renorm::None));
  list.push_back(testing::softmaxGate(8, 2, Renorm::None));
  list.back().score = Score::SoftmaxSelected;
  list.push_back(testing::softmaxGate(8, 3, Renorm::Sum));
  list.back().score = Score::Sigmoid;
  list.back().scale = 2.5f;
  list.back().groupScore = GroupScore::Top2Sum;
  list.back().groups = 4;
  list.back().groupsKept = 2;
  return list;
}

class EveryStep : public ::testing::TestWithParam<std::size_t> {
protected:
  const Sample& sample() const { return samples()[GetParam()]; }
};

TEST_P(EveryStep, SelectionsAreValid) {
  for (const GateConfig& gate : gates()) {
    const Bench bench(gate, randomLogits(40, 8, 5));
    const auto policy = testing::makeStep(sample().step, sample().options);
    ASSERT_TRUE(policy.has_value()) << policy.error().describe();
    const auto draft = bench.run(**policy);
    ASSERT_TRUE(draft.has_value()) << sample().step << ": " << draft.error().describe();
    const Assignment& got = draft->assignment;
    ASSERT_EQ(got.counts.size(), bench.tokens.size());
    ASSERT_EQ(got.ids.size(), got.weights.size());
    for (std::int64_t row = 0; row < 40; ++row) {
      const auto ids = got.idsOf(row);
      EXPECT_LE(static_cast<int>(ids.size()),
                std::max((*policy)->maxK(bench.layer), bench.layer.k));
      EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size()) << "an id twice";
      for (const std::int32_t id : ids)
        EXPECT_TRUE(id >= 0 && id < 8);
      for (const float weight : got.weightsOf(row))
        EXPECT_TRUE(std::isfinite(weight) && weight >= 0.0f);
      for (auto slot = static_cast<std::size_t>(row * got.maxK) + ids.size();
           slot < static_cast<std::size_t>((row + 1) * got.maxK); ++slot) {
        EXPECT_EQ(got.ids[slot], -1);
        EXPECT_EQ(got.weights[slot], 0.0f);
      }
    }
  }
}

TEST_P(EveryStep, SameBytesAgainAndFromAClone) {
  const Bench bench(gates()[0], randomLogits(40, 8, 6));
  const auto policy = testing::makeStep(sample().step, sample().options);
  ASSERT_TRUE(policy.has_value());
  const auto first = bench.run(**policy);
  const auto again = bench.run(**policy);
  const auto clone = (*policy)->clone();
  const auto cloned = bench.run(*clone);
  ASSERT_TRUE(first && again && cloned);
  EXPECT_EQ(first->assignment.ids, again->assignment.ids);
  EXPECT_EQ(first->assignment.weights, again->assignment.weights);
  EXPECT_EQ(first->assignment.ids, cloned->assignment.ids);
  EXPECT_EQ(first->assignment.weights, cloned->assignment.weights);
  EXPECT_EQ(clone->id(), (*policy)->id());
}

TEST_P(EveryStep, ATokenDoesNotDependOnTheRestOfTheBatch) {
  const auto policy = testing::makeStep(sample().step, sample().options);
  ASSERT_TRUE(policy.has_value());
  if ((*policy)->traits().needsBatch)
    return; // chooses over the batch, and says so
  for (const GateConfig& gate : gates()) {
    const auto logits = randomLogits(12, 8, 7);
    const Bench whole(gate, logits);
    const auto all = whole.run(**policy);
    ASSERT_TRUE(all.has_value());
    for (std::size_t row = 0; row < 12; ++row) {
      const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * 8);
      Bench single(gate, std::vector<float>(begin, begin + 8));
      single.tokens[0] = whole.tokens[row];
      const auto one = single.run(**policy);
      ASSERT_TRUE(one.has_value());
      const auto r = static_cast<std::int64_t>(row);
      EXPECT_TRUE(std::ranges::equal(one->assignment.idsOf(0), all->assignment.idsOf(r)));
      EXPECT_TRUE(std::ranges::equal(one->assignment.weightsOf(0), all->assignment.weightsOf(r)));
    }
  }
}

TEST_P(EveryStep, UnknownOptionsAreRefused) {
  json options = sample().options;
  options["no-such-option"] = 1;
  const auto policy = testing::makeStep(sample().step, options);
  ASSERT_FALSE(policy.has_value());
  EXPECT_EQ(policy.error().code, base::ErrorCode::InvalidArgument);
  EXPECT_NE(policy.error().message.find("no-such-option"), std::string::npos);
  EXPECT_FALSE(testing::makeStep(sample().step, json::array()).has_value());
}

TEST_P(EveryStep, EmptyBatch) {
  const Bench bench(gates()[0], {});
  const auto draft = bench.run(sample().step, sample().options);
  ASSERT_TRUE(draft.has_value()) << draft.error().describe();
  EXPECT_TRUE(draft->assignment.counts.empty());
}

INSTANTIATE_TEST_SUITE_P(Steps, EveryStep, ::testing::Range(std::size_t{0}, samples().size()));

TEST(Steps, EveryBuiltInStepIsSampled) {
  std::set<std::string> sampled;
  for (const Sample& sample : samples())
    sampled.insert(sample.step);
  for (const StepInfo& step : builtInSteps()) {
    EXPECT_TRUE(sampled.contains(std::string(step.id))) << step.id;
    EXPECT_FALSE(step.summary.empty());
  }
  EXPECT_EQ(testing::makeStep("no-such-step", json::object()).error().code,
            base::ErrorCode::NotFound);
}

TEST(Steps, OnlyExpertChoiceIsNotCausal) {
  for (const Sample& sample : samples()) {
    const auto policy = testing::makeStep(sample.step, sample.options);
    ASSERT_TRUE(policy.has_value());
    const auto info = std::ranges::find(builtInSteps(), sample.step, &StepInfo::id);
    EXPECT_EQ((*policy)->traits().needsBatch, !info->causal);
    EXPECT_EQ((*policy)->traits().needsTokenId, sample.step == "hash");
  }
}

TEST(Reroute, WithoutEditsGivesTheBytesOfTheGate) {
  for (const GateConfig& gate : gates()) {
    const Bench bench(gate, randomLogits(64, 8, 8),
                      std::vector<float>{.1f, 0, 0, -.2f, 0, 0, 0, .05f});
    std::vector<std::int32_t> ids(64 * static_cast<std::size_t>(gate.k));
    std::vector<float> weights(ids.size());
    std::vector<float> raw(ids.size());
    ASSERT_TRUE(
        route(gate, bench.logits, bench.choiceBias,
              {.ids = ids, .weights = weights, .rawWeights = raw, .probs = {}, .biasedScores = {}})
            .has_value());
    RoutingDraft draft;
    ASSERT_TRUE(startDraft(bench.batch(), draft).has_value());
    EXPECT_EQ(draft.assignment.ids, ids);
    EXPECT_EQ(draft.assignment.weights, weights);
    EXPECT_EQ(draft.assignment.rawWeights, raw);
  }
}

TEST(Steps, SparseMixerKeepsItsOwnRule) {
  GateConfig gate = testing::softmaxGate(8, 2, Renorm::None);
  gate.score = Score::SparseMixer;
  const Bench bench(gate, randomLogits(30, 8, 9));
  const auto banned = bench.run("ban", {{"experts", {3}}});
  ASSERT_TRUE(banned.has_value());
  for (const std::int32_t id : banned->assignment.ids)
    EXPECT_NE(id, 3);
  EXPECT_EQ(bench.run("force", {{"experts", {1}}}).error().code, base::ErrorCode::Unsupported);
  EXPECT_FALSE(bench.run("top-k", {{"k", 3}}).has_value());
  EXPECT_EQ(bench.run("top-k", {{"k", 1}})->assignment.maxK, 1);
  EXPECT_EQ(bench.run("bias", {{"experts", {1}}, {"value", 1}, {"where", "choice"}}).error().code,
            base::ErrorCode::Unsupported);
}

TEST(Steps, RankOneOfAModelWithOneExpertIsRefusedWithAReason) {
  const Bench switchLike(testing::softmaxGate(8, 1, Renorm::None), randomLogits(4, 8, 10));
  const auto refused = switchLike.run("rank-r", {{"rank", 1}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::Unsupported);
  EXPECT_NE(refused.error().message.find("use rank 2"), std::string::npos);
  EXPECT_TRUE(switchLike.run("rank-r", {{"rank", 2}}).has_value());
}

TEST(Steps, RankFollowsBiasedMaskedScores) {
  // Groups {0,1},{2,3}, one kept; the bias makes the second group win though its logits lose.
  GateConfig gate = testing::softmaxGate(4, 2, Renorm::Sum);
  gate.score = Score::Sigmoid;
  gate.groupScore = GroupScore::Top2Sum;
  gate.groups = 2;
  gate.groupsKept = 1;
  const Bench bench(gate, {2, 1, 0.5f, -1}, {-0.9f, 0, 0.3f, 0.6f});
  EXPECT_EQ(bench.run("rank-r", {{"rank", 1}})->assignment.ids[0], 2);
  EXPECT_EQ(bench.run("rank-r", {{"rank", 2}})->assignment.ids[0], 3);
  EXPECT_FALSE(bench.run("rank-r", {{"rank", 3}}).has_value());
}

TEST(Steps, RandomControlKeepsTheWeights) {
  const Bench bench(testing::softmaxGate(8, 3, Renorm::Sum), randomLogits(50, 8, 11));
  RoutingDraft own;
  ASSERT_TRUE(startDraft(bench.batch(), own).has_value());
  const auto random = bench.run("random", json::object());
  ASSERT_TRUE(random.has_value());
  int moved = 0;
  for (std::int64_t row = 0; row < 50; ++row) {
    EXPECT_TRUE(
        std::ranges::equal(random->assignment.weightsOf(row), own.assignment.weightsOf(row)));
    moved += std::ranges::equal(random->assignment.idsOf(row), own.assignment.idsOf(row)) ? 0 : 1;
  }
  EXPECT_GT(moved, 45);
  EXPECT_FALSE(bench.run("random", {{"k", 2}, {"weights", "keep"}}).has_value());
}

TEST(Steps, ExpertsOfOneLayerLeaveTheOthersAlone) {
  const Bench bench(testing::softmaxGate(8, 2, Renorm::Sum), randomLogits(4, 8, 12));
  auto policy = std::move(*testing::makeStep("ban", {{"experts", {"7:2"}}}));
  EXPECT_FALSE(policy->begin(std::span(&bench.layer, 1)).has_value()) << "layer 7 does not exist";
  std::vector<LayerFacts> layers{bench.layer, bench.layer};
  layers[1].layer = base::LayerId(7);
  layers[1].moeLayer = 1;
  ASSERT_TRUE(policy->begin(layers).has_value());
  RoutingDraft draft;
  RoutingBatch batch = bench.batch();
  ASSERT_TRUE(startDraft(batch, draft).has_value());
  EXPECT_EQ(*policy->apply(batch, draft), Edit::None);
  batch.layer = layers[1];
  EXPECT_EQ(*policy->apply(batch, draft), Edit::Scores);
}

} // namespace
} // namespace switchyard::routing
