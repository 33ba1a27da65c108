// A text that goes on differently from one of its tokens: the KV state is used again, and
// everything is as if the whole text had been run.

#include <gtest/gtest.h>

#include "app/jobs/text.h"
#include "app/studio/live/generation.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::TempFolder;

class LiveStateTest : public testing::Test {
protected:
  LiveStateTest() {
    auto made = std::make_shared<LoadedModel>();
    made->model = *model::Model::load(SY_DATA "/demo-model", threads);
    made->tokenizer =
        std::make_shared<const tokenizer::Tokenizer>(*jobs::loadTokenizer(SY_DATA "/demo-model"));
    model = made;
  }

  LiveRequest request(const std::string& file, double temperature) const {
    LiveRequest made;
    made.model = model;
    made.folder = SY_DATA "/demo-model";
    made.prompt = "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";
    made.generate.maxTokens = 24;
    made.generate.stopAtEos = false;
    made.generate.sampler.temperature = temperature;
    made.generate.sampler.seed = 5;
    made.trace = folder / file;
    return made;
  }
  /// The request of a branch: so many tokens of `before` stay, then another one follows.
  LiveRequest branch(LiveRequest made, const LiveOutcome& before, std::size_t kept,
                     const std::string& file) const {
    const auto& tokens = before.generated.tokens;
    made.generate.forced.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(kept));
    made.generate.forced.push_back(base::TokenId(tokens[kept].value == 40 ? 41 : 40));
    made.held = promptLength + static_cast<std::int64_t>(kept);
    made.trace = folder / file;
    return made;
  }
  LiveOutcome run(const LiveRequest& what, LiveState* state) {
    rows = 0;
    Pacer pacer;
    std::shared_ptr<RoutingFeed> feed; // nobody takes from it until the end
    std::shared_ptr<const ChosenTokens> chosen;
    auto outcome = runLive(
        what, registry, threads, pacer,
        [&](const LiveStart& start) {
          feed = start.feed;
          chosen = start.chosen;
          promptLength = static_cast<std::int64_t>(start.prompt.size());
        },
        {}, state);
    EXPECT_TRUE(outcome) << outcome.error().describe();
    rows = feed ? static_cast<std::int64_t>(feed->drain([](TokenRouting&) {})) : 0;
    if (!outcome)
      return {};
    std::vector<base::TokenId> all = what.generate.forced;
    const std::vector<base::TokenId> behind = chosen->from(0);
    all.insert(all.end(), behind.begin(), behind.end());
    EXPECT_EQ(all, outcome->generated.tokens);
    EXPECT_TRUE(chosen->from(behind.size()).empty());
    return *outcome;
  }

  TempFolder folder;
  base::ThreadContext threads{2};
  std::shared_ptr<plugin::Registry> registry = plugin::Registry::scan();
  std::shared_ptr<const LoadedModel> model;
  std::int64_t promptLength = 0;
  std::int64_t rows = 0; ///< that came through the feed
};

TEST_F(LiveStateTest, ABranchHasTheTokensAndTheTraceOfAWholeRun) {
  for (const double temperature : {0.0, 1.1}) {
    const std::string tag = temperature == 0 ? "a" : "b";
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{1}, std::size_t{9}, std::size_t{23}}) {
      const std::string name = tag + std::to_string(kept);
      LiveState state;
      const LiveRequest first = request(name + ".swy", temperature);
      const LiveOutcome before = run(first, &state);
      ASSERT_EQ(before.generated.tokens.size(), 24u);
      ASSERT_EQ(state.cache.length(), promptLength + 24);
      const LiveOutcome reused = run(branch(first, before, kept, name + "-reused.swy"), &state);
      EXPECT_EQ(rows, 24 - static_cast<std::int64_t>(kept) + 1)
          << "only what is run comes through the feed";
      const LiveOutcome whole = run(branch(first, before, kept, name + "-whole.swy"), nullptr);
      EXPECT_EQ(rows, promptLength + 24);
      EXPECT_EQ(reused.generated.tokens, whole.generated.tokens);
      EXPECT_EQ(reused.generated.text, whole.generated.text);
      EXPECT_EQ(tests::slurp(folder / (name + "-reused.swy")),
                tests::slurp(folder / (name + "-whole.swy")));
    }
  }
}

TEST_F(LiveStateTest, WithoutTheFileOfTheRunBeforeEverythingIsRun) {
  LiveState state;
  const LiveRequest first = request("1.swy", 0);
  const LiveOutcome before = run(first, &state);
  std::filesystem::remove(folder / "1.swy");
  const LiveOutcome again = run(branch(first, before, 6, "again.swy"), &state);
  EXPECT_EQ(rows, promptLength + 24);
  const LiveOutcome whole = run(branch(first, before, 6, "whole.swy"), nullptr);
  EXPECT_EQ(again.generated.tokens, whole.generated.tokens);
}

TEST_F(LiveStateTest, WithARecipeToo) {
  auto recipe = std::make_shared<routing::Recipe>();
  routing::RecipeStep ban;
  ban.plugin = "ban";
  ban.options = R"({"experts":["5:19","0:27"]})";
  recipe->steps.push_back(ban);
  LiveRequest first = request("1.swy", 0);
  first.recipe = recipe;
  LiveState state;
  const LiveOutcome before = run(first, &state);
  const LiveOutcome reused = run(branch(first, before, 6, "reused.swy"), &state);
  EXPECT_EQ(rows, 24 - 6 + 1);
  const LiveOutcome whole = run(branch(first, before, 6, "whole.swy"), nullptr);
  EXPECT_EQ(reused.generated.tokens, whole.generated.tokens);
  EXPECT_EQ(tests::slurp(folder / "reused.swy"), tests::slurp(folder / "whole.swy"));
}

TEST_F(LiveStateTest, WhatDoesNotFitIsRunAgain) {
  LiveState state;
  const LiveRequest first = request("1.swy", 0);
  const LiveOutcome before = run(first, &state);
  LiveRequest other = branch(first, before, 5, "2.swy");
  const auto promptIds = state.prompt;
  EXPECT_EQ(state.reusable(other, promptIds), promptLength + 4);
  other.held = promptLength + 2;
  EXPECT_EQ(state.reusable(other, promptIds), promptLength + 2) << "the caller has no more";
  other.held = promptLength + 5;
  other.generate.forced[1] = base::TokenId(other.generate.forced[1].value == 7 ? 8 : 7);
  EXPECT_EQ(state.reusable(other, promptIds), promptLength + 1) << "the texts part there";
  const std::vector<base::TokenId> shorter(promptIds.begin() + 1, promptIds.end());
  EXPECT_EQ(state.reusable(other, shorter), 0);
  LiveRequest banned = branch(first, before, 5, "3.swy");
  banned.recipe = std::make_shared<routing::Recipe>();
  EXPECT_EQ(state.reusable(banned, promptIds), 0) << "another routing";
  LiveRequest contrast = branch(first, before, 0, "4.swy");
  contrast.decoder = {"self-contrast", {}};
  contrast.generate.forced.clear();
  run(contrast, &state);
  EXPECT_EQ(rows, promptLength + 24);
  EXPECT_FALSE(state.trace) << "decoders with states of their own leave nothing";
}

} // namespace
} // namespace switchyard::studio
