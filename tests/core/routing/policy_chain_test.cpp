#include "core/routing/policy_chain.h"

#include <algorithm>
#include <limits>

#include "core/base/rng.h"
#include "core/routing/policies/catalog.h"
#include "core/routing/reroute.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing {
namespace {

using nlohmann::json;
using testing::Bench;

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

ChainStep step(std::string id, const json& options, Scope scope = {}) {
  ChainStep made;
  made.policy = std::move(*testing::makeStep(id, options));
  made.name = std::move(id);
  made.scope = std::move(scope);
  return made;
}

template <typename... Steps> PolicyChain chainOf(Steps... steps) {
  std::vector<ChainStep> list;
  (list.push_back(std::move(steps)), ...);
  return PolicyChain(std::move(list));
}

std::vector<float> randomLogits(std::size_t rows) {
  base::Rng rng(21);
  std::vector<float> logits(rows * 8);
  for (float& logit : logits)
    logit = static_cast<float>(rng.nextNormal());
  return logits;
}

class Chain : public ::testing::Test {
protected:
  Chain() : bench(testing::softmaxGate(8, 2, Renorm::Sum), randomLogits(20)) {
    EXPECT_TRUE(startDraft(bench.batch(), own).has_value());
  }

  bool sameAsOwn(const RoutingDraft& draft, std::int64_t row) const {
    return std::ranges::equal(draft.assignment.idsOf(row), own.assignment.idsOf(row)) &&
           std::ranges::equal(draft.assignment.weightsOf(row), own.assignment.weightsOf(row));
  }

  Bench bench;
  RoutingDraft own;
};

TEST_F(Chain, WithoutEffectLeavesTheBytes) {
  PolicyChain empty = chainOf();
  PolicyChain idle = chainOf(step("boost", {{"experts", {1}}, {"multiplier", 1}}),
                             step("ban", {{"experts", {1}}}, {.positions = {{100, kNoEnd}}}));
  for (PolicyChain* chain : {&empty, &idle}) {
    RoutingDraft draft;
    const RoutingBatch batch = bench.batch();
    ASSERT_TRUE(chain->begin(std::span(&batch.layer, 1)).has_value());
    ASSERT_TRUE(startDraft(batch, draft).has_value());
    EXPECT_EQ(*chain->apply(batch, draft), Edit::None);
    EXPECT_EQ(draft.assignment.ids, own.assignment.ids);
    EXPECT_EQ(draft.assignment.weights, own.assignment.weights);
    EXPECT_EQ(draft.logits, bench.logits);
  }
}

TEST_F(Chain, StepsSeeWhatEarlierOnesLeft) {
  // Banned experts stay banned for a step that chooses by itself.
  PolicyChain chain =
      chainOf(step("ban", {{"experts", {0, 1, 2}}, {"where", "choice"}}),
              step("top-p", {{"p", 0.95}}), step("boost", {{"experts", {3}}, {"multiplier", 2}}));
  const auto draft = bench.run(chain);
  ASSERT_TRUE(draft.has_value()) << draft.error().describe();
  PolicyChain unboosted = chainOf(step("ban", {{"experts", {0, 1, 2}}, {"where", "choice"}}),
                                  step("top-p", {{"p", 0.95}}));
  const auto plain = bench.run(unboosted);
  ASSERT_TRUE(plain.has_value());
  bool met = false;
  for (std::int64_t row = 0; row < 20; ++row) {
    const auto ids = draft->assignment.idsOf(row);
    for (std::size_t rank = 0; rank < ids.size(); ++rank) {
      EXPECT_GE(ids[rank], 3);
      const float factor = ids[rank] == 3 ? 2.0f : 1.0f;
      met = met || ids[rank] == 3;
      EXPECT_EQ(draft->assignment.weightsOf(row)[rank],
                factor * plain->assignment.weightsOf(row)[rank]);
    }
  }
  EXPECT_TRUE(met);
}

TEST_F(Chain, ReweighingComposesInOrder) {
  const json preNorm = {{"experts", {3}}, {"multiplier", 8}, {"where", "pre-norm"}};
  const json postNorm = {{"experts", {3}}, {"multiplier", 2}};
  PolicyChain both = chainOf(step("boost", preNorm), step("boost", postNorm));
  PolicyChain first = chainOf(step("boost", preNorm));
  const auto twice = bench.run(both);
  const auto once = bench.run(first);
  ASSERT_TRUE(twice && once);
  for (std::size_t slot = 0; slot < once->assignment.ids.size(); ++slot)
    EXPECT_EQ(twice->assignment.weights[slot],
              once->assignment.weights[slot] * (once->assignment.ids[slot] == 3 ? 2.0f : 1.0f));

  // The other way round the first multiplier would be lost: refused.
  PolicyChain lost = chainOf(step("boost", postNorm), step("boost", preNorm));
  EXPECT_EQ(bench.run(lost).error().code, base::ErrorCode::Unsupported);
  PolicyChain masked =
      chainOf(step("mask", {{"experts", {3}}, {"mode", "zero"}}), step("boost", preNorm));
  EXPECT_EQ(bench.run(masked).error().code, base::ErrorCode::Unsupported);
}

TEST_F(Chain, OfTwoThatSelectTheLastCounts) {
  PolicyChain chain = chainOf(step("top-p", {{"p", 0.9}}), step("top-k", {{"k", 3}}));
  PolicyChain last = chainOf(step("top-k", {{"k", 3}}));
  const auto both = bench.run(chain);
  const auto one = bench.run(last);
  ASSERT_TRUE(both && one);
  for (std::int64_t row = 0; row < 20; ++row) {
    EXPECT_TRUE(std::ranges::equal(both->assignment.idsOf(row), one->assignment.idsOf(row)));
    EXPECT_TRUE(
        std::ranges::equal(both->assignment.weightsOf(row), one->assignment.weightsOf(row)));
  }
}

TEST_F(Chain, RefusesADraftThatIsNotOfItsBatch) {
  PolicyChain chain = chainOf(step("boost", {{"experts", {3}}, {"multiplier", 2}}));
  const RoutingBatch batch = bench.batch();
  ASSERT_TRUE(chain.begin(std::span(&batch.layer, 1)).has_value());
  RoutingDraft empty;
  EXPECT_EQ(chain.apply(batch, empty).error().code, base::ErrorCode::InvalidArgument);
}

TEST_F(Chain, ScoreEditsAfterASelectionAreRefused) {
  PolicyChain late = chainOf(step("top-p", {{"p", 0.5}}), step("ban", {{"experts", {1}}}));
  const auto refused = bench.run(late);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidArgument);
  EXPECT_NE(refused.error().message.find("put it before"), std::string::npos);
  // Of different tokens they do not meet.
  PolicyChain apart = chainOf(step("top-p", {{"p", 0.5}}, {.positions = {{0, 10}}}),
                              step("ban", {{"experts", {1}}}, {.positions = {{10, kNoEnd}}}));
  EXPECT_TRUE(bench.run(apart).has_value());
}

TEST_F(Chain, ScopeByPositionPhaseAndToken) {
  for (std::size_t row = 12; row < 20; ++row)
    bench.tokens[row].generated = true;
  const json ban = {
      {"experts",
       {own.assignment.ids[0], own.assignment.ids[2], own.assignment.ids[0] == 7 ? 6 : 7}}};
  struct Case {
    Scope scope;
    std::function<bool(std::int64_t)> takes;
  };
  const std::vector<Case> cases = {
      {{.positions = {{2, 5}, {18, kNoEnd}}},
       [](std::int64_t row) { return (row >= 2 && row < 5) || row >= 18; }},
      {{.phase = Phase::Prompt}, [](std::int64_t row) { return row < 12; }},
      {{.phase = Phase::Generated}, [](std::int64_t row) { return row >= 12; }},
      {{.tokens = std::vector<std::int32_t>{3, 7}},
       [](std::int64_t row) { return row == 3 || row == 7; }},
      {{.tokens = std::vector<std::int32_t>{}}, [](std::int64_t) { return false; }},
      {{.positions = {{0, 15}}, .phase = Phase::Generated},
       [](std::int64_t row) { return row >= 12 && row < 15; }},
  };
  PolicyChain everywhere = chainOf(step("ban", ban));
  const auto all = bench.run(everywhere);
  ASSERT_TRUE(all.has_value());
  for (const Case& item : cases) {
    PolicyChain chain = chainOf(step("ban", ban, item.scope));
    const auto draft = bench.run(chain);
    ASSERT_TRUE(draft.has_value());
    for (std::int64_t row = 0; row < 20; ++row) {
      if (item.takes(row)) {
        EXPECT_TRUE(std::ranges::equal(draft->assignment.idsOf(row), all->assignment.idsOf(row)));
      } else {
        EXPECT_TRUE(sameAsOwn(*draft, row));
      }
    }
  }
}

TEST_F(Chain, AnotherKForSomeTokens) {
  PolicyChain chain =
      chainOf(step("top-k", {{"k", 5}}, {.tokens = std::vector<std::int32_t>{4, 9}}),
              step("top-k", {{"k", 1}}, {.tokens = std::vector<std::int32_t>{0}}));
  const auto draft = bench.run(chain);
  ASSERT_TRUE(draft.has_value());
  EXPECT_EQ(chain.maxK(bench.layer), 5);
  for (std::int64_t row = 0; row < 20; ++row) {
    const std::size_t want = row == 4 || row == 9 ? 5 : row == 0 ? 1 : 2;
    EXPECT_EQ(draft->assignment.idsOf(row).size(), want);
    if (want == 2) {
      EXPECT_TRUE(sameAsOwn(*draft, row));
    }
  }
  EXPECT_TRUE(chain.traits().needsTokenId);
}

TEST_F(Chain, ScopeByLayer) {
  std::vector<LayerFacts> layers{bench.layer, bench.layer};
  layers[1].layer = base::LayerId(4);
  layers[1].moeLayer = 1;
  PolicyChain chain = chainOf(step("top-k", {{"k", 1}}, {.layers = {4}}));
  ASSERT_TRUE(chain.begin(layers).has_value());
  EXPECT_EQ(chain.maxK(layers[0]), 2);
  RoutingBatch batch = bench.batch();
  RoutingDraft draft = own;
  EXPECT_EQ(*chain.apply(batch, draft), Edit::None);
  batch.layer = layers[1];
  EXPECT_EQ(*chain.apply(batch, draft), Edit::Selection);
  EXPECT_EQ(draft.assignment.maxK, 1);
  PolicyChain missing = chainOf(step("top-k", {{"k", 1}}, {.layers = {3}}));
  EXPECT_EQ(missing.begin(layers).error().code, base::ErrorCode::InvalidArgument);
}

TEST_F(Chain, ScopeExpertsAreTheCandidates) {
  PolicyChain chain =
      chainOf(step("top-p", {{"p", 0.9}},
                   {.experts = {{std::nullopt, 2}, {std::nullopt, 5}, {std::nullopt, 6}}}));
  const auto draft = bench.run(chain);
  ASSERT_TRUE(draft.has_value());
  for (std::int64_t row = 0; row < 20; ++row)
    for (const std::int32_t id : draft->assignment.idsOf(row))
      EXPECT_TRUE(id == 2 || id == 5 || id == 6);
  EXPECT_TRUE(draft->choiceOffsets.empty()) << "only while the step runs";

  // Candidates of another layer only: the step does not act here.
  std::vector<LayerFacts> layers{bench.layer, bench.layer};
  layers[1].layer = base::LayerId(4);
  layers[1].moeLayer = 1;
  PolicyChain elsewhere = chainOf(step("top-p", {{"p", 0.9}}, {.experts = {{4, 2}, {4, 5}}}));
  ASSERT_TRUE(elsewhere.begin(layers).has_value());
  RoutingDraft untouched = own;
  EXPECT_EQ(*elsewhere.apply(bench.batch(), untouched), Edit::None);
}

TEST_F(Chain, DropsOfRowsInScope) {
  PolicyChain chain = chainOf(step("adaptive-gap", {{"threshold", 0.0}}, {.positions = {{0, 10}}}),
                              step("adaptive-gap", {{"threshold", 0.0}}, {.positions = {{5, 7}}}));
  const auto draft = bench.run(chain);
  ASSERT_TRUE(draft.has_value());
  ASSERT_EQ(draft->assignment.drops.size(), 10u);
  for (std::int32_t row = 0; row < 10; ++row)
    EXPECT_EQ(draft->assignment.drops[static_cast<std::size_t>(row)].row, row);
}

TEST_F(Chain, OnlyTokensInScopeCompete) {
  // Expert choice over 5 tokens gives each of 8 experts ceil(1 * 5 / 8) = 1 of them.
  PolicyChain chain = chainOf(step("expert-choice", json::object(), {.positions = {{0, 5}}}));
  const auto draft = bench.run(chain);
  ASSERT_TRUE(draft.has_value());
  std::size_t taken = 0;
  for (std::int64_t row = 0; row < 5; ++row)
    taken += draft->assignment.idsOf(row).size();
  EXPECT_EQ(taken, 8u);
  for (std::int64_t row = 5; row < 20; ++row)
    EXPECT_TRUE(sameAsOwn(*draft, row));
  EXPECT_TRUE(chain.traits().needsBatch);
}

std::vector<std::uint8_t> follow(SpanTracker& tracker, std::int64_t sequence, std::int64_t from,
                                 const std::vector<std::int32_t>& ids) {
  std::vector<TokenFacts> tokens;
  for (std::size_t i = 0; i < ids.size(); ++i)
    tokens.push_back({base::SequenceId(sequence),
                      base::TokenPos(from + static_cast<std::int64_t>(i)), base::TokenId(ids[i]),
                      false});
  std::vector<std::uint8_t> inside(ids.size());
  tracker.look(tokens, inside);
  return inside;
}

using Flags = std::vector<std::uint8_t>;

TEST(SpanTracker, BetweenMarkers) {
  SpanTracker tracker({{1}, {2}});
  EXPECT_EQ(follow(tracker, 0, 0, {9, 1, 5, 6, 2, 7, 1, 1, 8}), (Flags{0, 0, 1, 1, 0, 0, 0, 1, 1}));
  // The same tokens at the next layer, then one more.
  EXPECT_EQ(follow(tracker, 0, 7, {1, 8}), (Flags{1, 1}));
  EXPECT_EQ(follow(tracker, 0, 9, {4}), (Flags{1}));
  EXPECT_EQ(follow(tracker, 0, 10, {2, 4}), (Flags{0, 0}));
}

TEST(SpanTracker, MarkersOfSeveralTokens) {
  SpanTracker tracker({{1, 2}, {3, 4}});
  EXPECT_EQ(follow(tracker, 0, 0, {1}), (Flags{0}));
  EXPECT_EQ(follow(tracker, 0, 1, {2, 3, 5, 3, 4, 6}), (Flags{0, 1, 1, 1, 0, 0}));
}

TEST(SpanTracker, SequencesAreApartAndCanRewind) {
  SpanTracker tracker({{1}, {2}});
  EXPECT_EQ(follow(tracker, 0, 0, {1, 5}), (Flags{0, 1}));
  EXPECT_EQ(follow(tracker, 1, 0, {5, 5}), (Flags{0, 0}));
  EXPECT_EQ(follow(tracker, 0, 2, {6}), (Flags{1}));
  EXPECT_EQ(follow(tracker, 0, 1, {2, 6}), (Flags{0, 0})) << "position 1 was rewritten";
  EXPECT_EQ(follow(tracker, 0, 40, {6}), (Flags{0})) << "a gap begins anew";
}

TEST(SpanTracker, ForgetsTheOldestSequences) {
  SpanTracker tracker({{1}, {2}});
  for (std::int64_t sequence = 0; sequence < 5000; ++sequence)
    follow(tracker, sequence, 0, {1, 5});
  EXPECT_EQ(follow(tracker, 4999, 2, {6}), (Flags{1}));
  EXPECT_EQ(follow(tracker, 0, 2, {6}), (Flags{0}));
}

} // namespace
} // namespace switchyard::routing
