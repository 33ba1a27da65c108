// The branches of a decoding over the demo model.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/routing/recipe.h"
#include "core/session/decode_host.h"
#include "core/session/plain_decoder.h"
#include "core/session/sampler.h"
#include "core/session/session.h"
#include "tests/support/collector.h"
#include "tests/support/reference.h"

namespace switchyard::session {
namespace {

using tests::Collector;
using Tokens = std::vector<base::TokenId>;
using base::ErrorCode;

constexpr hooks::PointSet kAll = hooks::Point::RouterLogits | hooks::Point::Weights |
                                 hooks::Point::ExpertNorms | hooks::Point::LmLogits;
constexpr const char* kRankTwo = R"({"steps":[{"plugin":"rank-r","options":{"rank":2}}]})";
constexpr std::size_t kVocabulary = 4096;

base::Result<std::unique_ptr<routing::Policy>> compile(std::string_view json) {
  return routing::buildRecipe(SY_TRY(routing::parseRecipe(json, {})));
}

base::Result<base::TokenId> greedy(std::span<const float> scores, std::span<const base::TokenId>) {
  return argmax(scores);
}

class DecodeHostTest : public ::testing::Test {
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

  static Tokens tokens(const char* name = "g0.ids") {
    const tests::Reference reference(SY_TEST_DATA "/golden/demo/gradient.safetensors");
    Tokens ids;
    for (const std::int64_t id : reference.integers(name))
      ids.emplace_back(static_cast<std::int32_t>(id));
    return ids;
  }

  static std::unique_ptr<ModelDecodeHost> host(DecodeHostOptions options = {}) {
    if (!options.choose)
      options.choose = greedy;
    if (!options.compile)
      options.compile = compile;
    auto host = ModelDecodeHost::create(s_model, threads(), std::move(options));
    EXPECT_TRUE(host) << host.error().describe();
    return std::move(*host);
  }

  /// Logits of a session that runs `ids` in one pass, routed by a recipe if there is one.
  static std::vector<float> alone(std::span<const base::TokenId> ids,
                                  const char* recipe = nullptr) {
    auto session = Session::create(s_model, threads());
    if (recipe) {
      EXPECT_TRUE(session->setPolicy(compile(recipe).value(), 1000));
    }
    const auto logits = session->extend(ids);
    EXPECT_TRUE(logits) << logits.error().describe();
    return {logits->begin(), logits->end()};
  }

  static std::shared_ptr<const model::Model> s_model;
};

std::shared_ptr<const model::Model> DecodeHostTest::s_model;

TEST_F(DecodeHostTest, PlainDecodingIsASessionsAndObserversSeeTheSame) {
  const Tokens prompt = tokens();
  Collector ofSession(kAll);
  hooks::Observer* const sessionObservers[] = {&ofSession};
  auto session = Session::create(s_model, threads());
  Tokens expected;
  auto logits = session->extend(prompt, sessionObservers);
  for (int i = 0; i < 8; ++i) {
    expected.push_back(argmax(*logits));
    logits = session->extend({&expected.back(), 1}, sessionObservers);
  }

  for (const std::int64_t chunk : {512, 7}) {
    Collector ofHost(kAll);
    hooks::Observer* const observers[] = {&ofHost};
    const auto decoding = host({.observers = observers, .chunk = chunk});
    ASSERT_TRUE(decoding->start(prompt));
    PlainDecoder decoder;
    ASSERT_TRUE(decoder.begin(*decoding, prompt));
    for (int i = 0; i < 8; ++i) {
      const auto token = decoder.next(*decoding, decoding->text().back());
      ASSERT_TRUE(token) << token.error().describe();
      decoding->emit(token->token);
    }
    ASSERT_TRUE(decoding->finish());
    EXPECT_TRUE(std::ranges::equal(decoding->text().subspan(prompt.size()), expected));
    EXPECT_EQ(ofHost.lmLogits, ofSession.lmLogits);
    for (const auto& [index, layer] : ofSession.layers) {
      EXPECT_EQ(ofHost.layers.at(index).ids, layer.ids);
      EXPECT_EQ(ofHost.layers.at(index).weights, layer.weights);
      EXPECT_EQ(ofHost.layers.at(index).norms, layer.norms);
    }
  }
}

TEST_F(DecodeHostTest, BranchesOfOneBatchHaveTheBitsOfPassesOnTheirOwn) {
  const Tokens prompt = tokens();
  Collector seen(kAll);
  hooks::Observer* const observers[] = {&seen};
  const auto decoding = host({.observers = observers, .chunk = 16});
  ASSERT_TRUE(decoding->start(prompt));
  const RecipeId weakest = decoding->compileRecipe(kRankTwo).value();
  // More experts than the text's tokens have: nothing of it may reach the observers.
  constexpr const char* kWide = R"({"steps":[{"plugin":"top-k","options":{"k":9}}]})";
  const RecipeId wide = decoding->compileRecipe(kWide).value();
  const BranchId weak = decoding->open().value();
  const BranchId other = decoding->open().value();
  std::vector<float> strongLogits(kVocabulary), weakLogits(kVocabulary), otherLogits(kVocabulary);
  const Tokens few(prompt.begin(), prompt.begin() + 5);
  const base::TokenId last = prompt.back();
  const BranchStep steps[] = {{weak, prompt, weakest, {}, weakLogits},
                              {other, few, wide, {}, otherLogits},
                              {0, {&last, 1}, 0, {}, strongLogits}};
  ASSERT_TRUE(decoding->step(steps));
  EXPECT_EQ(strongLogits, alone(prompt));
  EXPECT_EQ(weakLogits, alone(prompt, kRankTwo));
  EXPECT_EQ(otherLogits, alone(few, kWide));
  EXPECT_EQ(decoding->length(weak).value(), static_cast<std::int64_t>(prompt.size()));
  EXPECT_EQ(decoding->length(other).value(), 5);
  Collector plain(kAll);
  hooks::Observer* const plainObservers[] = {&plain};
  auto session = Session::create(s_model, threads());
  ASSERT_TRUE(session->extend(prompt, plainObservers));
  EXPECT_EQ(seen.lmLogits, plain.lmLogits);
  for (const auto& [index, layer] : plain.layers) {
    EXPECT_EQ(seen.layers.at(index).ids, layer.ids);
    EXPECT_EQ(seen.layers.at(index).logits, layer.logits);
    EXPECT_EQ(seen.layers.at(index).norms, layer.norms);
  }
}

TEST_F(DecodeHostTest, AForkGoesItsOwnWay) {
  const Tokens prompt = tokens();
  const auto decoding = host();
  ASSERT_TRUE(decoding->start(prompt));
  const BranchId fork = decoding->fork(0).value();
  const base::TokenId own(7);
  std::vector<float> logits(kVocabulary), forked(kVocabulary);
  const BranchStep steps[] = {{fork, {&own, 1}, 0, {}, forked},
                              {0, std::span(prompt).last(1), 0, {}, logits}};
  ASSERT_TRUE(decoding->step(steps));
  Tokens other(prompt.begin(), prompt.end() - 1);
  other.push_back(own);
  EXPECT_EQ(logits, alone(prompt));
  EXPECT_EQ(forked, alone(other));
  EXPECT_TRUE(decoding->close(fork));
  EXPECT_EQ(decoding->length(fork).error().code, ErrorCode::NotFound);
}

TEST_F(DecodeHostTest, WhatIsRunAgainAfterARewindIsNotSeenAgain) {
  const Tokens prompt = tokens();
  Collector seen(kAll);
  hooks::Observer* const observers[] = {&seen};
  const auto decoding = host({.observers = observers});
  ASSERT_TRUE(decoding->start(prompt));
  ASSERT_TRUE(decoding->rewind(0, 3));
  std::vector<float> logits(kVocabulary);
  const BranchStep rest{0, std::span(prompt).subspan(3), 0, {}, logits};
  ASSERT_TRUE(decoding->step({&rest, 1}));
  EXPECT_EQ(logits, alone(prompt));
  Collector plain(kAll);
  hooks::Observer* const plainObservers[] = {&plain};
  auto session = Session::create(s_model, threads());
  ASSERT_TRUE(session->extend(prompt, plainObservers));
  EXPECT_EQ(seen.lmLogits, plain.lmLogits);
  EXPECT_EQ(seen.layers.at(0).ids, plain.layers.at(0).ids);
  EXPECT_EQ(decoding->rewind(0, 1000).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(decoding->rewind(4, 0).error().code, ErrorCode::NotFound);
}

TEST_F(DecodeHostTest, TheLastTokenIsRunAsTheOneBefore) {
  const Tokens prompt = tokens();
  std::vector<float> offsets(6 * 32);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    offsets[i] = i % 3 == 0 ? 2.0f : 0.0f;
  const auto idsOfLast = [&](std::span<const float> with) {
    Collector seen(kAll);
    hooks::Observer* const observers[] = {&seen};
    const auto decoding = host({.observers = observers});
    EXPECT_TRUE(decoding->start(prompt));
    const BranchStep last{0, std::span(prompt).last(1), 0, with, {}};
    EXPECT_TRUE(decoding->step({&last, 1}));
    decoding->emit(base::TokenId(9));
    EXPECT_TRUE(decoding->finish());
    EXPECT_EQ(decoding->length(0).value(), static_cast<std::int64_t>(prompt.size()) + 1);
    const auto& ids = seen.layers.at(0).ids;
    return std::vector(ids.end() - 4, ids.end());
  };
  const auto moved = idsOfLast(offsets);
  EXPECT_NE(moved, idsOfLast({}));
  EXPECT_GT(std::ranges::count_if(moved, [](auto id) { return id % 3 == 0; }), 2);
}

TEST_F(DecodeHostTest, WrongStepsAreRefusedAndChangeNothing) {
  const Tokens prompt = tokens();
  const auto decoding = host();
  ASSERT_TRUE(decoding->start(prompt));
  const BranchId weak = decoding->open().value();
  const auto before = static_cast<std::int64_t>(prompt.size()) - 1;
  const std::span<const base::TokenId> last = std::span(prompt).last(1);
  const Tokens wrong = {base::TokenId(5000)};
  const Tokens tooMany(520, base::TokenId(1));
  std::vector<float> some(17);
  const auto codeOf = [&](std::vector<BranchStep> steps) {
    const auto result = decoding->step(steps);
    EXPECT_EQ(decoding->length(0).value(), before);
    EXPECT_EQ(decoding->length(weak).value(), 0);
    return result ? ErrorCode::Internal : result.error().code;
  };
  EXPECT_EQ(codeOf({}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, {}, 0, {}, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{9, last, 0, {}, {}}}), ErrorCode::NotFound);
  EXPECT_EQ(codeOf({{weak, last, 3, {}, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, last, -1, {}, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, last, 0, some, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, last, 0, {}, some}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, last, 0, {}, {}}, {weak, last, 0, {}, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf({{weak, tooMany, 0, {}, {}}}), ErrorCode::LimitExceeded);
  EXPECT_EQ(codeOf({{0, last, 0, {}, {}}, {weak, wrong, 0, {}, {}}}), ErrorCode::InvalidArgument);
  // Branch 0 runs the text and nothing else.
  EXPECT_EQ(codeOf({{0, std::span(prompt).first(1), 0, {}, {}}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(decoding->close(0).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(decoding->compileRecipe("{").error().code, ErrorCode::InvalidFormat);
  EXPECT_EQ(decoding->sample(some).error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(host()->start({}));
  EXPECT_EQ(host()->start(tooMany).error().code, ErrorCode::LimitExceeded);
  for (std::size_t i = 2; i < Branches::kMost; ++i)
    ASSERT_TRUE(decoding->open());
  EXPECT_EQ(decoding->open().error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(decoding->fork(0).error().code, ErrorCode::LimitExceeded);
}

TEST_F(DecodeHostTest, ARecipeWithMoreExpertsThanATraceHasRoomForIsRefusedOnTheText) {
  const Tokens prompt = tokens();
  Collector seen(kAll);
  hooks::Observer* const observers[] = {&seen};
  const auto decoding = host({.observers = observers});
  ASSERT_TRUE(decoding->start(prompt));
  const RecipeId wide =
      decoding->compileRecipe(R"({"steps":[{"plugin":"top-k","options":{"k":9}}]})").value();
  const BranchId weak = decoding->open().value();
  const std::span<const base::TokenId> last = std::span(prompt).last(1);
  const BranchStep steps[] = {{0, last, wide, {}, {}}, {weak, last, 0, {}, {}}};
  EXPECT_EQ(decoding->step(steps).error().code, ErrorCode::Unsupported);
}

TEST_F(DecodeHostTest, GradientsAreTheGoldenOnesAndSayHowTheContextWasRouted) {
  const tests::Reference reference(SY_TEST_DATA "/golden/demo/gradient.safetensors");
  const Tokens context = tokens();
  const auto expected = reference.floats("g0.grad");
  const auto experts = reference.integers("g0.experts"); // [6, T, 4]
  const auto decoding = host();
  const std::size_t rows = context.size() - 1;
  std::vector<float> gradient(6 * 32);
  std::vector<double> surprise(6);
  std::vector<std::int32_t> ids(6 * rows * 4);
  const auto loss = decoding->routerGradient(
      {.tokens = context, .offsets = {}, .gradient = gradient, .routing = {surprise, ids}});
  ASSERT_TRUE(loss) << loss.error().describe();
  EXPECT_NEAR(*loss, reference.floats("g0.loss")[0], 1e-5);
  EXPECT_LE(tests::largestDifference(gradient, expected), 1e-4 * tests::largestMagnitude(expected));
  for (std::size_t l = 0; l < 6; ++l) {
    for (std::size_t slot = 0; slot < rows * 4; ++slot)
      EXPECT_EQ(ids[l * rows * 4 + slot], experts[l * context.size() * 4 + slot]);
    // Four experts of 32 that are the likeliest ones: between all sure and all equal.
    EXPECT_GT(surprise[l], std::log(4.0) - 1.0);
    EXPECT_LT(surprise[l], std::log(32.0) + 1.0);
  }
  // The loss alone is the same.
  EXPECT_EQ(decoding->routerGradient({.tokens = context, .offsets = {}, .gradient = {}}).value(),
            *loss);
  std::vector<double> few(2);
  EXPECT_EQ(
      decoding
          ->routerGradient({.tokens = context, .offsets = {}, .gradient = {}, .routing = {few, {}}})
          .error()
          .code,
      ErrorCode::InvalidArgument);
  const auto policy = compile(kRankTwo).value();
  ASSERT_TRUE(policy->begin(s_model->layerFacts()));
  // A recipe that chooses experts has no derivative.
  const auto steered = host({.policy = policy.get()});
  EXPECT_EQ(
      steered->routerGradient({.tokens = context, .offsets = {}, .gradient = {}}).error().code,
      ErrorCode::Unsupported);
}

TEST_F(DecodeHostTest, AStopRequestEndsAGradient) {
  const Tokens context = tokens();
  const auto decoding = host();
  std::stop_source source;
  ASSERT_TRUE(decoding->start(context, {.progress = {}, .stop = source.get_token()}));
  source.request_stop();
  EXPECT_EQ(
      decoding->routerGradient({.tokens = context, .offsets = {}, .gradient = {}}).error().code,
      ErrorCode::Cancelled);
}

} // namespace
} // namespace switchyard::session
