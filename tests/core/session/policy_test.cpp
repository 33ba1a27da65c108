// Routing policies inside a running model: the demo model with its routing edited.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/routing/recipe.h"
#include "core/session/sampler.h"
#include "core/session/session.h"
#include "tests/support/collector.h"
#include "tests/support/reference.h"

namespace switchyard::session {
namespace {

using tests::Collector;

constexpr hooks::PointSet kAll = hooks::Point::RouterLogits | hooks::Point::Weights |
                                 hooks::Point::ExpertNorms | hooks::Point::LmLogits;

class PolicyInModel : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    auto model = model::Model::load(SY_DATA "/demo-model", threads());
    ASSERT_TRUE(model) << model.error().describe();
    s_model = *model;
  }
  static void TearDownTestSuite() { s_model.reset(); }
  static const base::ThreadContext& threads() {
    static const base::ThreadContext context(2);
    return context;
  }

  static std::vector<base::TokenId> tokens() {
    const tests::Reference reference(SY_TEST_DATA "/golden/demo/gradient.safetensors");
    std::vector<base::TokenId> ids;
    for (const std::int64_t id : reference.integers("g0.ids"))
      ids.emplace_back(static_cast<std::int32_t>(id));
    return ids;
  }

  static std::unique_ptr<routing::Policy> recipe(const std::string& steps) {
    const auto parsed = routing::parseRecipe("{\"steps\":[" + steps + "]}", {});
    EXPECT_TRUE(parsed) << parsed.error().describe();
    auto built = routing::buildRecipe(*parsed);
    EXPECT_TRUE(built) << built.error().describe();
    return std::move(*built);
  }

  static Collector run(std::unique_ptr<routing::Policy> policy, std::int64_t chunk = 512,
                       std::int64_t promptLength = 1000) {
    auto session = Session::create(s_model, threads(), {.chunk = chunk});
    EXPECT_TRUE(session->setPolicy(std::move(policy), promptLength));
    Collector collector(kAll);
    hooks::Observer* const observers[] = {&collector};
    const auto logits = session->extend(tokens(), observers);
    EXPECT_TRUE(logits) << logits.error().describe();
    return collector;
  }

  static std::shared_ptr<const model::Model> s_model;
};

std::shared_ptr<const model::Model> PolicyInModel::s_model;

TEST_F(PolicyInModel, ARecipeThatDoesNothingChangesNoByte) {
  const Collector plain = run(nullptr);
  const Collector empty = run(recipe(""));
  EXPECT_EQ(plain.lmLogits, empty.lmLogits);
  for (const auto& [index, layer] : plain.layers) {
    EXPECT_EQ(layer.ids, empty.layers.at(index).ids);
    EXPECT_EQ(layer.weights, empty.layers.at(index).weights);
  }
}

TEST_F(PolicyInModel, ABannedExpertIsNeverSelected) {
  const Collector plain = run(nullptr);
  const std::int64_t expert = plain.layers.at(5).ids.front();
  const Collector banned =
      run(recipe(R"({"plugin":"mask","options":{"mode":"route-around","experts":[)" +
                 std::to_string(expert) + R"(]},"scope":{"layers":[5]}})"));
  EXPECT_GT(std::ranges::count(plain.layers.at(5).ids, expert), 0);
  EXPECT_EQ(std::ranges::count(banned.layers.at(5).ids, expert), 0);
  EXPECT_EQ(plain.layers.at(4).ids, banned.layers.at(4).ids);
  EXPECT_NE(plain.lmLogits, banned.lmLogits);
}

TEST_F(PolicyInModel, MoreExpertsThanTheCheckpointsKAreRun) {
  const Collector wide = run(recipe(R"({"plugin":"top-k","options":{"k":6}})"));
  const Collector::Layer& layer = wide.layers.at(0);
  const auto rows = tokens().size();
  ASSERT_EQ(layer.ids.size(), rows * 6);
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::size_t rank = 0; rank < 6; ++rank) {
      EXPECT_GT(layer.norms[row * 6 + rank], 0.0f);
      sum += layer.weights[row * 6 + rank];
    }
    EXPECT_NEAR(sum, 1.0, 1e-6); // the demo model's gate renormalises
  }
}

TEST_F(PolicyInModel, BitsDoNotDependOnChunks) {
  const std::string steps = R"({"plugin":"top-p","options":{"p":0.6}})";
  const Collector whole = run(recipe(steps));
  const Collector pieces = run(recipe(steps), 3);
  EXPECT_EQ(whole.lmLogits, pieces.lmLogits);
}

TEST_F(PolicyInModel, PhasesAreToldApart) {
  const auto count = static_cast<std::int64_t>(tokens().size());
  const std::string step = R"({"plugin":"top-k","options":{"k":1},"scope":{"phase":"generated"}})";
  const Collector plain = run(nullptr);
  const Collector prompt = run(recipe(step), 512, count);
  EXPECT_EQ(plain.lmLogits, prompt.lmLogits);
  const Collector generated = run(recipe(step), 512, 2);
  const Collector::Layer& layer = generated.layers.at(0);
  const auto slots = layer.ids.size() / static_cast<std::size_t>(count);
  EXPECT_NE(layer.ids[slots + 1], hooks::kNoExpert);     // token 1: prompt
  EXPECT_EQ(layer.ids[2 * slots + 1], hooks::kNoExpert); // token 2: one expert
  EXPECT_EQ(layer.weights[2 * slots], 1.0f);
}

TEST_F(PolicyInModel, SequencesOfOneBatchAreRoutedEachItsOwnWay) {
  const std::vector<base::TokenId> ids = tokens();
  const auto facts = s_model->layerFacts();
  auto weak = recipe(R"({"plugin":"rank-r","options":{"rank":2}})");
  ASSERT_TRUE(weak->begin(facts));
  auto strongCache = model::KvCache::create(s_model->config(), 64);
  auto weakCache = model::KvCache::create(s_model->config(), 64);
  const model::Segment segments[] = {
      {.cache = &*strongCache, .sequence = base::SequenceId(0), .tokens = ids},
      {.cache = &*weakCache,
       .sequence = base::SequenceId(1),
       .tokens = ids,
       .routing = {.policy = weak.get()}}};
  model::Workspace work;
  ASSERT_TRUE(s_model->forward(segments, {.threads = threads()}, work));
  const auto vocabulary = static_cast<std::size_t>(s_model->config().vocabulary);
  ASSERT_EQ(work.logits.size(), 2 * vocabulary);
  const auto lastRow = [&](const Collector& alone) {
    return std::vector<float>(alone.lmLogits.end() - static_cast<std::ptrdiff_t>(vocabulary),
                              alone.lmLogits.end());
  };
  const auto row = [&](std::size_t index) {
    const auto begin = work.logits.begin() + static_cast<std::ptrdiff_t>(index * vocabulary);
    return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(vocabulary));
  };
  EXPECT_EQ(row(0), lastRow(run(nullptr)));
  EXPECT_EQ(row(1), lastRow(run(recipe(R"({"plugin":"rank-r","options":{"rank":2}})"))));
}

TEST_F(PolicyInModel, WeakLogitsEqualTheReference) {
  // Self-contrast goldens: rank 2 alone in every layer, weight 1.
  const tests::Reference reference(SY_TEST_DATA "/golden/demo/self_contrast.safetensors");
  std::vector<base::TokenId> prompt;
  for (const std::int64_t id : reference.integers("s0.prompt_ids"))
    prompt.emplace_back(static_cast<std::int32_t>(id));
  auto session = Session::create(s_model, threads());
  ASSERT_TRUE(session->setPolicy(recipe(R"({"plugin":"rank-r","options":{"rank":2}})"), 1000));
  const auto continuation = reference.integers("s0.continuation");
  const auto expected = reference.floats("s0.weak_rank2");
  auto logits = session->extend(prompt);
  const auto vocabulary = static_cast<std::size_t>(s_model->config().vocabulary);
  for (std::size_t step = 0; step < continuation.size(); ++step) {
    ASSERT_TRUE(logits) << logits.error().describe();
    const std::vector<float> want(expected.begin() + static_cast<std::ptrdiff_t>(step * vocabulary),
                                  expected.begin() +
                                      static_cast<std::ptrdiff_t>((step + 1) * vocabulary));
    EXPECT_LE(tests::largestDifference({logits->begin(), logits->end()}, want),
              1e-4 * tests::range(want))
        << "step " << step;
    const base::TokenId next(static_cast<std::int32_t>(continuation[step]));
    logits = session->extend({&next, 1});
  }
}

TEST_F(PolicyInModel, OffsetsShiftTheLogitsThatAreRouted) {
  const std::vector<base::TokenId> ids = tokens();
  const auto experts = static_cast<std::size_t>(s_model->config().moe.gate.experts);
  std::vector<float> offsets(s_model->layerFacts().size() * experts, 0.0f);
  offsets[3] = 100.0f; // layer 0, expert 3: always first
  auto cache = model::KvCache::create(s_model->config(), 64);
  const model::Segment segment{.cache = &*cache, .tokens = ids, .routing = {.offsets = offsets}};
  Collector collector(kAll);
  hooks::Observer* const observers[] = {&collector};
  model::Workspace work;
  ASSERT_TRUE(
      s_model->forward({&segment, 1}, {.threads = threads(), .observers = observers}, work));
  const auto& layer = collector.layers.at(0);
  for (std::size_t row = 0; row < ids.size(); ++row)
    EXPECT_EQ(layer.ids[row * 4], 3);
}

TEST_F(PolicyInModel, WhatCannotBeRunIsRefused) {
  auto session = Session::create(s_model, threads());
  // The demo model has 32 experts; rank 40 does not exist.
  const auto refused =
      session->setPolicy(recipe(R"({"plugin":"rank-r","options":{"rank":40}})"), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidArgument);
}

} // namespace
} // namespace switchyard::session
