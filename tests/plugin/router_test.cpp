#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plugin/adapters.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;
using testing::misbehaving;
using testing::modeOptions;

/// Two tokens of a layer with four experts, top-2.
struct Scene {
  routing::GateConfig gate;
  std::vector<routing::TokenFacts> tokens;
  std::vector<float> logits = {2, 1, 0.5f, -1, 0, 3, 0, 1};
  routing::RoutingBatch batch;
  routing::RoutingDraft draft;

  Scene() {
    gate.experts = 4;
    gate.k = 2;
    for (std::int64_t t = 0; t < 2; ++t)
      tokens.push_back({base::SequenceId(0), base::TokenPos(t), base::TokenId(7), false});
    batch.layer = {base::LayerId(3), 0, 1, 4, 2, &gate, {}};
    batch.tokens = tokens;
    batch.modelLogits = logits;
    draft.logits = logits;
    draft.assignment.reset(2, 2);
    draft.assignment.push(0, 0, 0.75f);
    draft.assignment.push(0, 1, 0.25f);
    draft.assignment.push(1, 1, 0.9f);
    draft.assignment.push(1, 3, 0.1f);
  }

  base::Result<routing::Edit> apply(routing::Policy& policy) {
    SY_TRY(policy.begin(std::span(&batch.layer, 1)));
    return policy.apply(batch, draft);
  }
};

TEST(HostileRouter, EveryWrongAnswerIsAClearError) {
  const std::vector<std::tuple<const char*, base::ErrorCode, const char*>> cases = {
      {"apply-throws", base::ErrorCode::Internal, "exception left apply()"},
      {"begin-throws", base::ErrorCode::Internal, "exception left begin()"},
      {"max-k-huge", base::ErrorCode::InvalidArgument, "max_k() says 1073741824"},
      {"max-k-negative", base::ErrorCode::InvalidArgument, "max_k() says -1"},
      {"id-out-of-range", base::ErrorCode::InvalidArgument, "row 1: selects expert 4 of 4"},
      {"id-negative", base::ErrorCode::InvalidArgument, "row 1: selects expert -1"},
      {"id-twice", base::ErrorCode::InvalidArgument, "row 1: selects expert 3 twice"},
      {"weight-nan", base::ErrorCode::NonFinite, "row 1: gives expert 1 the weight nan"},
      {"weight-infinite", base::ErrorCode::NonFinite, "weight inf"},
      {"count-too-large", base::ErrorCode::InvalidArgument, "row 1: has 3 experts, its limit is 2"},
      {"count-negative", base::ErrorCode::InvalidArgument, "row 1: has -5"},
      {"unknown-edit", base::ErrorCode::InvalidArgument, "says it changed 99"},
      {"drops-too-many", base::ErrorCode::InvalidArgument, "drops"},
      {"drop-out-of-range", base::ErrorCode::InvalidArgument, "drop 0"},
      {"logit-nan", base::ErrorCode::NonFinite, "row 1: expert 0 got logit nan"},
      {"logit-infinite", base::ErrorCode::NonFinite, "logit inf"},
      {"offset-nan", base::ErrorCode::NonFinite, "row 0"},
      {"bans-all", base::ErrorCode::NonFinite, "row 1: no expert is left"},
  };
  for (const auto& [mode, code, message] : cases) {
    Scene scene;
    auto policy = makePolicy(misbehaving(), modeOptions(mode), {}).value();
    const auto edit = scene.apply(*policy);
    ASSERT_FALSE(edit) << mode;
    EXPECT_EQ(edit.error().code, code) << mode << ": " << edit.error().message;
    EXPECT_THAT(edit.error().message, HasSubstr(message)) << mode;
    EXPECT_THAT(edit.error().message, HasSubstr("plugin 'misbehaving'")) << mode;
  }
}

TEST(HostileRouter, WhatItSaysItDidNotChangeStays) {
  Scene scene;
  auto policy = makePolicy(misbehaving(), modeOptions("says-none"), {}).value();
  EXPECT_EQ(scene.apply(*policy).value(), routing::Edit::None);
  EXPECT_EQ(scene.draft.logits, scene.logits);
}

TEST(HostileRouter, ALayerItWasNotToldOf) {
  Scene scene;
  auto policy = makePolicy(misbehaving(), modeOptions("good"), {}).value();
  EXPECT_FALSE(policy->apply(scene.batch, scene.draft));
}

OptionValues skipOptions(double share, bool renormalise) {
  return {{"min-share", OptionType::Number, false, true, {share}},
          {"renormalise", OptionType::Boolean, false, true, {renormalise}}};
}

TEST(SampleRouter, SkipsWeakExpertsAndNotesTheDrops) {
  Scene scene;
  auto policy = makePolicy(testing::builtIn("sample_router"), skipOptions(0.2, true), {}).value();
  ASSERT_EQ(scene.apply(*policy).value(), routing::Edit::Selection);
  const routing::Assignment& a = scene.draft.assignment;
  EXPECT_THAT(a.idsOf(0), ::testing::ElementsAre(0, 1)); // 0.25 / 0.75 = 0.33 stays
  EXPECT_THAT(a.weightsOf(0), ::testing::ElementsAre(0.75f, 0.25f));
  EXPECT_THAT(a.idsOf(1), ::testing::ElementsAre(1)); // 0.1 / 0.9 = 0.11 goes
  EXPECT_FLOAT_EQ(a.weightsOf(1)[0], 1.0f);
  EXPECT_EQ(a.ids[3], -1);
  EXPECT_EQ(a.weights[3], 0.0f);
  EXPECT_EQ(a.drops, (std::vector<routing::Drop>{{1, 1, 3}}));

  Scene raw;
  auto keep = makePolicy(testing::builtIn("sample_router"), skipOptions(0.2, false), {}).value();
  ASSERT_TRUE(raw.apply(*keep));
  EXPECT_EQ(raw.draft.assignment.weightsOf(1)[0], 0.9f);

  Scene same;
  auto none = makePolicy(testing::builtIn("sample_router"), skipOptions(0.0, true), {}).value();
  EXPECT_EQ(same.apply(*none).value(), routing::Edit::None);
}

TEST(SampleRouter, AClonedPolicyGivesTheSame) {
  Scene a, b;
  auto policy = makePolicy(testing::builtIn("sample_router"), skipOptions(0.2, true), {}).value();
  ASSERT_TRUE(policy->begin(std::span(&a.batch.layer, 1)));
  const auto copy = policy->clone();
  ASSERT_TRUE(policy->apply(a.batch, a.draft));
  policy.reset();
  ASSERT_TRUE(copy->apply(b.batch, b.draft));
  EXPECT_EQ(a.draft.assignment.ids, b.draft.assignment.ids);
  EXPECT_EQ(a.draft.assignment.weights, b.draft.assignment.weights);
}

} // namespace
} // namespace switchyard::plugin
