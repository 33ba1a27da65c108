// What the verbs of `switchyard recipe` do: checks, controls and sentences.

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/jobs/recipe_check.h"
#include "app/jobs/recipe_controls.h"
#include "app/jobs/recipe_text.h"
#include "core/routing/policies/catalog.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

using ::testing::HasSubstr;

plugin::Registry& registry() {
  static const auto plugins =
      plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
  return *plugins;
}

routing::Recipe recipeOf(const std::string& steps) {
  auto recipe = routing::parseRecipe("{\"steps\":[" + steps + "]}", {});
  EXPECT_TRUE(recipe) << recipe.error().describe();
  return std::move(*recipe);
}

std::vector<RecipeFinding> check(const std::string& steps,
                                 const char* model = SY_DATA "/demo-model") {
  auto findings = checkRecipe(recipeOf(steps), registry(), model);
  EXPECT_TRUE(findings) << findings.error().describe();
  return std::move(*findings);
}

TEST(RecipeCheck, GoodRecipesHaveNoFindings) {
  EXPECT_TRUE(check(R"({"plugin":"ban","options":{"experts":["5:19","3:7",2]}},
                       {"plugin":"top-k","options":{"k":2},"scope":{"layers":[3]}},
                       {"plugin":"org.switchyard.mask","options":{"experts":[1]}})")
                  .empty());
}

TEST(RecipeCheck, EachWrongStepIsNamedAndOnlyThat) {
  struct Case {
    const char* step;
    const char* message;
  };
  for (const Case& item : {
           Case{R"({"plugin":"no-such"})", "no-such"},
           Case{R"({"plugin":"top-p"})", "'p'"},
           Case{R"({"plugin":"top-p","options":{"p":0.5,"q":1}})", "no option 'q'"},
           Case{R"({"plugin":"ban","options":{"experts":["x"]}})", "3:17"},
           Case{R"({"plugin":"ban","options":{"experts":["5:32"]}})", "expert 32 does not exist"},
           Case{R"({"plugin":"ban","options":{"experts":["99:1"]}})", "layer 99"},
           Case{R"({"plugin":"ban","options":{"experts":[1]},"scope":{"experts":[2]}})", "twice"},
           Case{R"({"plugin":"relu","scope":{"layers":[77]}})", "layer 77"},
           Case{R"({"plugin":"rank-r","options":{"rank":33}})", "rank is 33"},
           Case{R"({"plugin":"hash","options":{"table":[0,1]}})", "beyond the table"},
           Case{R"({"plugin":"relu","scope":{"token-classes":["no-such"]}})", "no-such"},
       }) {
    const auto findings =
        check(R"({"plugin":"relu","scope":{"layers":[0]}},)" + std::string(item.step));
    ASSERT_EQ(findings.size(), 1u) << item.step;
    EXPECT_EQ(findings[0].level, RecipeLevel::Error);
    EXPECT_EQ(findings[0].step, 2) << item.step << findings[0].message;
    EXPECT_THAT(findings[0].message, HasSubstr(item.message));
    EXPECT_EQ(findings[0].message.find("recipe step"), std::string::npos) << findings[0].message;
  }
}

TEST(RecipeCheck, WarnsOfWhatIsNotCausalOrDoesNothing) {
  const auto batch = check(R"({"plugin":"expert-choice"})");
  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(batch[0].level, RecipeLevel::Warning);
  EXPECT_THAT(batch[0].message, HasSubstr("not causal"));
  const auto nothing = check("");
  ASSERT_EQ(nothing.size(), 1u);
  EXPECT_EQ(nothing[0].step, 0);
  const auto disabled = check(R"({"plugin":"no-such","enabled":false},{"plugin":"relu"})");
  ASSERT_EQ(disabled.size(), 1u);
  EXPECT_EQ(disabled[0].level, RecipeLevel::Warning);
}

TEST(RecipeCheck, StepsThatCannotFollowEachOther) {
  const auto late = check(R"({"plugin":"top-p","options":{"p":0.5}},
                             {"plugin":"ban","options":{"experts":[1]}})");
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].level, RecipeLevel::Error);
  EXPECT_EQ(late[0].step, 2);
  EXPECT_THAT(late[0].message, HasSubstr("put it before"));
  const auto apart = check(R"({"plugin":"top-p","options":{"p":0.5},"scope":{"phase":"prompt"}},
                              {"plugin":"ban","options":{"experts":[1]},
                               "scope":{"phase":"generated"}})");
  ASSERT_EQ(apart.size(), 1u);
  EXPECT_EQ(apart[0].level, RecipeLevel::Warning);
}

TEST(RecipeCheck, WithoutAModelOnlyTheOptionsCount) {
  EXPECT_TRUE(check(R"({"plugin":"ban","options":{"experts":["99:1"]},
                        "scope":{"inside":{"open":"<think>","close":"</think>"}}})",
                    "")
                  .empty());
  EXPECT_FALSE(checkRecipe({}, registry(), "/no/such/model"));
}

ExpertLoads loads() {
  // Expert e of layer 3 was selected 100 + e times, of layer 5 1000 - 10 e times.
  ExpertLoads all;
  for (std::int64_t e = 0; e < 16; ++e) {
    all[3].push_back(100 + e);
    all[5].push_back(1000 - 10 * e);
  }
  return all;
}

std::set<std::string> expertsOf(const routing::RecipeStep& step) {
  std::set<std::string> experts;
  const nlohmann::json options = nlohmann::json::parse(step.options);
  for (const auto& expert : options["experts"])
    experts.insert(expert.is_string() ? expert.get<std::string>() : expert.dump());
  return experts;
}

TEST(RandomControl, TakesTheNearestInLoadOfTheSameLayer) {
  const auto like = recipeOf(
      R"({"plugin":"boost","options":{"experts":["3:8","5:2"],"multiplier":64},
          "scope":{"phase":"prompt"}},
         {"plugin":"mask","options":{"experts":["3:8"],"mode":"zero"}},{"plugin":"relu"})");
  std::set<std::string> drawn;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto control = randomControl(like, loads(), seed);
    ASSERT_TRUE(control) << control.error().describe();
    ASSERT_EQ(control->steps.size(), 3u);
    EXPECT_EQ(routing::toJson(*control), routing::toJson(*randomControl(like, loads(), seed)));
    const auto boosted = expertsOf(control->steps[0]);
    ASSERT_EQ(boosted.size(), 2u);
    const std::set<std::string> near3{"3:6", "3:7", "3:9", "3:10"};
    const std::set<std::string> near5{"5:0", "5:1", "5:3", "5:4"};
    EXPECT_TRUE(near3.contains(*boosted.begin())) << *boosted.begin();
    EXPECT_TRUE(near5.contains(*boosted.rbegin())) << *boosted.rbegin();
    EXPECT_EQ(expertsOf(control->steps[1]), (std::set<std::string>{*boosted.begin()}))
        << "the same expert in both steps";
    drawn.insert(boosted.begin(), boosted.end());
    const auto changes = routing::diffRecipes(like, *control);
    for (const std::string& line : changes)
      EXPECT_TRUE(line.find("options.experts") != std::string::npos || line.starts_with("~ name") ||
                  line.starts_with("~ description"))
          << line;
  }
  EXPECT_EQ(drawn.size(), 8u) << "every candidate comes up";
}

TEST(RandomControl, ExpertsOfEveryLayerGetOneInEach) {
  const auto control =
      randomControl(recipeOf(R"({"plugin":"ban","scope":{"experts":[4,5]}})"), loads(), 3);
  ASSERT_TRUE(control) << control.error().describe();
  ASSERT_EQ(control->steps[0].scope.experts.size(), 4u);
  for (const routing::ExpertRef& ref : control->steps[0].scope.experts) {
    ASSERT_TRUE(ref.layer.has_value());
    EXPECT_TRUE(ref.expert != 4 && ref.expert != 5);
  }
}

TEST(RandomControl, RefusesWhatHasNoControl) {
  for (const char* steps :
       {R"({"plugin":"relu"})", R"({"plugin":"ban","options":{"experts":["4:1"]}})",
        R"({"plugin":"ban","options":{"experts":["3:16"]}})",
        R"({"plugin":"bias","options":{"delta":[1,2]}})",
        R"({"plugin":"ban","options":{"experts":[0,1,2,3,4,5,6,7,8]}})"}) {
    const auto control = randomControl(recipeOf(steps), loads(), 0);
    ASSERT_FALSE(control) << steps;
    EXPECT_EQ(control.error().code, base::ErrorCode::InvalidArgument);
  }
}

TEST(RandomControl, ReadsLoadsOfAnAnalysis) {
  const tests::TempFolder folder;
  const auto good = folder.write("analysis.json", R"({"results":{"load":{"tables":[
    {"name":"load_layers","rows":[]},
    {"name":"load_experts","rows":[[3,0,7,0.1],[3,1,9,0.2],[5,0,4,0.1]]}]}}})");
  const auto read = loadsOfAnalysis(good);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(*read, (ExpertLoads{{3, {7, 9}}, {5, {4}}}));
  for (const char* text :
       {"{}", "[]", R"({"results":{"load":{"tables":3}}})",
        R"({"results":{"load":{"tables":[{"name":"load_experts","rows":[[3,1,7]]}]}}})",
        R"({"results":{"load":{"tables":[{"name":"load_experts","rows":[[3,0,"x"]]}]}}})"}) {
    const auto refused = loadsOfAnalysis(folder.write("bad.json", text));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidFormat);
  }
}

TEST(RecipeText, SaysEveryBuiltInStepInItsOwnWords) {
  const std::map<std::string, const char*> required = {
      {"ban", R"({"experts":["3:7",5]})"},
      {"bias", R"({"experts":[1],"value":2})"},
      {"boost", R"({"experts":["3:7"],"multiplier":4})"},
      {"force", R"({"experts":[1]})"},
      {"mask", R"({"experts":[1]})"},
      {"npmi-steer", R"({"experts":[1]})"},
      {"null-experts", R"({"count":2,"k":3})"},
      {"rank-r", R"({"rank":2})"},
      {"threshold", R"({"threshold":0.6})"},
      {"top-k", R"({"k":3})"},
      {"top-p", R"({"p":0.6})"},
  };
  std::set<std::string> sentences;
  for (const routing::StepInfo& step : routing::builtInSteps()) {
    const auto options = required.find(std::string(step.id));
    const auto recipe = recipeOf(R"({"plugin":")" + std::string(step.id) + R"(","options":)" +
                                 (options == required.end() ? "{}" : options->second) + "}");
    const auto resolved = resolveStep(recipe.steps[0], registry());
    ASSERT_TRUE(resolved) << resolved.error().describe();
    const std::string text = describeStep(*resolved);
    EXPECT_NE(text, resolved->manifest.summary) << step.id;
    sentences.insert(text);
  }
  EXPECT_EQ(sentences.size(), 16u);
  EXPECT_TRUE(sentences.contains(
      "Multiplies the gate weights of expert 3:7 by 4 where selected; selection and other weights "
      "stay."));
  EXPECT_TRUE(sentences.contains(
      "Never selects experts 3:7, 5; a softmax gives their share to the others."));
}

TEST(RecipeText, Scopes) {
  const auto recipe = recipeOf(
      R"({"plugin":"relu"},{"plugin":"top-p","options":{"p":0.5},"scope":{"layers":[3,7],
          "positions":[[0,16],[64,null]],"phase":"generated","token-classes":["digits"],
          "inside":{"open":"<think>","close":"</think>"},"experts":[1,"3:2"]}})");
  EXPECT_EQ(describeScope(recipe.steps[0].scope), "Acts on every token of every MoE layer.");
  EXPECT_EQ(describeScope(recipe.steps[1].scope),
            "Acts on tokens generated, at positions 0 to 15, from 64 on, of class digits, between "
            "<think> and </think> of layers 3, 7, among experts 1, 3:2 only.");
}

} // namespace
} // namespace switchyard::jobs
