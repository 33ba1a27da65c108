#include "core/routing/recipe.h"

#include "core/routing/reroute.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing {
namespace {

using testing::Bench;

constexpr const char* kFull = R"({
  "name": "steer",
  "description": "two steps",
  "steps": [
    {"plugin": "ban", "options": {"experts": [2, "0:5"]}, "scope": {"layers": [0]}},
    {"plugin": "npmi-steer", "options": {"experts": ["0:1"], "multiplier": 8},
     "scope": {"positions": [[0, 16], [64, null]], "phase": "generated",
               "token-classes": ["digits"], "token-ids": [9, 5],
               "inside": {"open": "<think>", "close": "</think>"}}},
    {"plugin": "top-p", "options": {"p": 0.5}, "scope": {"experts": [1, 2]}, "enabled": false}
  ]
})";

base::Result<Recipe> parse(std::string_view text) {
  return parseRecipe(text, {.file = "recipe.json"});
}

RecipeContext context() {
  RecipeContext context;
  context.tokensOfClass = [](std::string_view name) -> base::Result<std::vector<std::int32_t>> {
    if (name != "digits")
      return base::fail(base::ErrorCode::NotFound, "no such class");
    return std::vector<std::int32_t>{7, 3};
  };
  context.encode = [](std::string_view text) -> base::Result<std::vector<std::int32_t>> {
    return std::vector<std::int32_t>(1, static_cast<std::int32_t>(text.size()));
  };
  return context;
}

TEST(Recipe, ReadsEveryPart) {
  const auto recipe = parse(kFull);
  ASSERT_TRUE(recipe.has_value()) << recipe.error().describe();
  ASSERT_EQ(recipe->steps.size(), 3u);
  EXPECT_EQ(recipe->name, "steer");
  const RecipeScope& scope = recipe->steps[1].scope;
  EXPECT_EQ(scope.positions.size(), 2u);
  EXPECT_EQ(scope.phase, Phase::Generated);
  EXPECT_EQ(scope.tokenIds, (std::vector<std::int32_t>{5, 9}));
  EXPECT_EQ(scope.open, "<think>");
  EXPECT_FALSE(recipe->steps[2].enabled);
  EXPECT_EQ(recipe->steps[2].scope.experts.size(), 2u);
}

TEST(Recipe, CanonicalTextIsAFixedPoint) {
  const auto recipe = parse(kFull);
  ASSERT_TRUE(recipe.has_value());
  const std::string text = toJson(*recipe);
  const auto again = parse(text);
  ASSERT_TRUE(again.has_value()) << again.error().describe();
  EXPECT_EQ(toJson(*again), text);
  EXPECT_TRUE(diffRecipes(*recipe, *again).empty());
}

TEST(Recipe, RefusesWhatItDoesNotKnow) {
  for (const char* text : {
           "",
           "[]",
           "{}",
           R"({"steps": {}})",
           R"({"steps": [], "extra": 1})",
           R"({"steps": [{"options": {}}]})",
           R"({"steps": [{"plugin": ""}]})",
           R"({"steps": [{"plugin": 3}]})",
           R"({"steps": [{"plugin": "a", "options": []}]})",
           R"({"steps": [{"plugin": "a", "enabled": 1}]})",
           R"({"steps": [{"plugin": "a", "wrong": 1}]})",
           R"({"steps": [{"plugin": "a", "scope": []}]})",
           R"({"steps": [{"plugin": "a", "scope": {"layer": [1]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"layers": [-1]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"layers": []}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"layers": 1}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"experts": ["x"]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"experts": [1, 1]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"phase": "decode"}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"phase": 1}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"positions": [[5, 5]]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"positions": [[-1, 5]]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"positions": [[1]]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"positions": []}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"token-classes": "digits"}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"token-classes": [1]}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"inside": {"open": "x"}}}]})",
           R"({"steps": [{"plugin": "a", "scope": {"inside": "x"}}]})",
       }) {
    const auto recipe = parse(text);
    ASSERT_FALSE(recipe.has_value()) << text;
    EXPECT_EQ(recipe.error().code, base::ErrorCode::InvalidFormat) << text;
    EXPECT_EQ(recipe.error().where.file, "recipe.json") << text;
  }
  std::string many = R"({"steps": [)";
  for (int i = 0; i < 300; ++i)
    many += std::string(i > 0 ? "," : "") + R"({"plugin": "relu"})";
  EXPECT_EQ(parse(many + "]}").error().code, base::ErrorCode::LimitExceeded);
}

TEST(Recipe, BuildsAPolicyThatActsInItsScope) {
  const auto recipe = parse(R"({"steps": [
    {"plugin": "top-k", "options": {"k": 1}, "scope": {"token-classes": ["digits"]}},
    {"plugin": "top-k", "options": {"k": 4}, "scope": {"token-ids": [1]}}]})");
  ASSERT_TRUE(recipe.has_value());
  const auto policy = buildRecipe(*recipe, context());
  ASSERT_TRUE(policy.has_value()) << policy.error().describe();
  const Bench bench(testing::softmaxGate(8, 2, Renorm::Sum), std::vector<float>(80, 0.5f));
  const auto draft = bench.run(**policy);
  ASSERT_TRUE(draft.has_value());
  for (std::int64_t row = 0; row < 10; ++row)
    EXPECT_EQ(draft->assignment.idsOf(row).size(), row == 3 || row == 7 ? 1u : row == 1 ? 4u : 2u);
}

TEST(Recipe, ActsInsideMarkedSpansAlsoWhileDecoding) {
  const auto recipe = parse(R"({"steps": [{"plugin": "top-k", "options": {"k": 1},
    "scope": {"inside": {"open": "xx", "close": "xxx"}}}]})"); // token 2 opens, token 3 closes
  ASSERT_TRUE(recipe.has_value());
  auto policy = std::move(*buildRecipe(*recipe, context()));
  EXPECT_TRUE(policy->traits().stateful);
  const Bench bench(testing::softmaxGate(8, 2, Renorm::Sum), std::vector<float>(8, 0.5f));
  RoutingBatch batch = bench.batch();
  ASSERT_TRUE(policy->begin(std::span(&batch.layer, 1)).has_value());
  const std::vector<std::int32_t> ids{5, 2, 6, 7, 3, 8};
  const std::vector<std::size_t> want{2, 2, 1, 1, 2, 2};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const TokenFacts token{base::SequenceId(0), base::TokenPos(static_cast<std::int64_t>(i)),
                           base::TokenId(ids[i]), i > 2};
    batch.tokens = std::span(&token, 1);
    RoutingDraft draft;
    ASSERT_TRUE(startDraft(batch, draft).has_value());
    ASSERT_TRUE(policy->apply(batch, draft).has_value());
    EXPECT_EQ(draft.assignment.idsOf(0).size(), want[i]) << i;
    if (i == 3)
      policy = policy->clone(); // a fork goes on where it was
  }
}

TEST(Recipe, ScopeExpertsOfAnActingStepAreItsExperts) {
  const auto recipe = parse(R"({"steps": [{"plugin": "ban", "scope": {"experts": [0, "0:1"]}}]})");
  ASSERT_TRUE(recipe.has_value());
  const auto policy = buildRecipe(*recipe);
  ASSERT_TRUE(policy.has_value()) << policy.error().describe();
  const Bench bench(testing::softmaxGate(4, 2, Renorm::Sum), {9, 8, 1, 0});
  EXPECT_EQ(bench.run(**policy)->assignment.ids, (std::vector<std::int32_t>{2, 3}));
  const auto twice = parse(
      R"({"steps": [{"plugin": "ban", "options": {"experts": [1]}, "scope": {"experts": [0]}}]})");
  EXPECT_FALSE(buildRecipe(*twice).has_value());
}

TEST(Recipe, ErrorsNameTheStep) {
  for (const char* text : {R"({"steps": [{"plugin": "relu"}, {"plugin": "nothing"}]})",
                           R"({"steps": [{"plugin": "relu"}, {"plugin": "top-p"}]})",
                           R"({"steps": [{"plugin": "relu"}, {"plugin": "relu", "scope":
                             {"token-classes": ["digits"]}}]})",
                           R"({"steps": [{"plugin": "relu"}, {"plugin": "relu", "scope":
                             {"inside": {"open": "a", "close": "b"}}}]})"}) {
    const auto recipe = parse(text);
    ASSERT_TRUE(recipe.has_value());
    const auto policy = buildRecipe(*recipe);
    ASSERT_FALSE(policy.has_value()) << text;
    EXPECT_NE(policy.error().message.find("recipe step 2"), std::string::npos)
        << policy.error().message;
  }
  const auto disabled = parse(R"({"steps": [{"plugin": "nothing", "enabled": false}]})");
  EXPECT_TRUE(buildRecipe(*disabled).has_value());
}

TEST(Recipe, OtherPluginsComeFromTheCaller) {
  const auto recipe = parse(R"({"steps": [{"plugin": "com.example.router"}]})");
  RecipeContext mine;
  std::string asked;
  mine.make = [&](const RecipeStep& step) -> base::Result<std::unique_ptr<Policy>> {
    asked = step.plugin;
    return base::fail(base::ErrorCode::NotFound, "not installed");
  };
  EXPECT_EQ(buildRecipe(*recipe, mine).error().code, base::ErrorCode::NotFound);
  EXPECT_EQ(asked, "com.example.router");
}

TEST(Recipe, Diff) {
  const auto before = parse(R"({"steps": [
    {"plugin": "ban", "options": {"experts": [1]}},
    {"plugin": "boost", "options": {"experts": [2], "multiplier": 4}},
    {"plugin": "relu"}]})");
  const auto after = parse(R"({"name": "b", "steps": [
    {"plugin": "boost", "options": {"experts": [2], "multiplier": 64, "where": "logit"},
     "scope": {"phase": "prompt"}},
    {"plugin": "relu", "enabled": false},
    {"plugin": "top-k", "options": {"k": 3}}]})");
  ASSERT_TRUE(before && after);
  EXPECT_EQ(diffRecipes(*before, *after),
            (std::vector<std::string>{"~ name \"\" -> \"b\"",
                                      "- step 1 {\"options\":{\"experts\":[1]},\"plugin\":\"ban\"}",
                                      "~ step 1 (boost): options.multiplier 4 -> 64",
                                      "~ step 1 (boost): options.where (default) -> \"logit\"",
                                      "~ step 1 (boost): scope.phase (default) -> \"prompt\"",
                                      "~ step 2 (relu): enabled true -> false",
                                      "+ step 3 {\"options\":{\"k\":3},\"plugin\":\"top-k\"}"}));
}

} // namespace
} // namespace switchyard::routing
