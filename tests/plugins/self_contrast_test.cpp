// Self-contrast decoding through the plugin, against transformers and hand-worked numbers.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/rng.h"
#include "core/session/sampler.h"
#include "plugins/self_contrast/contrast.h"
#include "tests/plugins/decoding.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using base::ErrorCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const plugin::OptionArguments kRankTwo = {{"weak", "rank"}, {"r", "2"}};
const plugin::OptionArguments kRankOne = {{"weak", "rank"}, {"r", "1"}};

/// Probabilities in double precision.
std::vector<double> softmax(std::span<const float> logits) {
  const double top = *std::ranges::max_element(logits);
  std::vector<double> p;
  double sum = 0;
  for (const float logit : logits) {
    p.push_back(std::exp(logit - top));
    sum += p.back();
  }
  for (double& value : p)
    value /= sum;
  return p;
}

double entropy(const std::vector<double>& p) {
  double sum = 0;
  for (const double value : p)
    sum -= value > 0 ? value * std::log(value) : 0;
  return sum;
}

TEST(Contrast, HandWorkedExampleWhereAnotherTokenWins) {
  const std::vector<float> strong = {5, 4, 1};
  const std::vector<float> weak = {5, 1, 6};
  std::vector<float> scores(3);
  const plugins::Contrast both = plugins::contrast(strong, weak, 0.1, 0.5, 5, 6, scores);
  EXPECT_EQ(scores[0], 5.0f);
  EXPECT_EQ(scores[1], 5.5f);
  EXPECT_EQ(scores[2], -INFINITY); // below 5 + ln 0.1 = 2.6974
  EXPECT_EQ(both.candidates, 2);
  const auto p = softmax(strong);
  const auto q = softmax(weak);
  double kl = 0;
  for (std::size_t i = 0; i < 3; ++i)
    kl += p[i] * std::log(p[i] / q[i]);
  EXPECT_NEAR(both.kl, kl, 1e-6);
  EXPECT_NEAR(both.entropyStrong, entropy(p), 1e-6);
  EXPECT_NEAR(both.entropyWeak, entropy(q), 1e-6);
  EXPECT_NEAR(strong[1] - both.logTotalStrong, std::log(p[1]), 1e-6);
  EXPECT_NEAR(weak[2] - both.logTotalWeak, std::log(q[2]), 1e-6);
  plugins::contrast(strong, weak, 0.0, 0.5, 5, 6, scores); // no token is implausible
  EXPECT_EQ(scores[2], 1.5f * 1 - 0.5f * 6);
  EXPECT_EQ(plugins::contrast(strong, weak, 1.0, 0.5, 5, 6, scores).candidates, 1);
  EXPECT_EQ(plugins::contrast(strong, strong, 0.1, 2.0, 5, 5, scores).kl, 0.0);
}

TEST(Contrast, FiguresOfRandomLogitsOfAnySize) {
  base::Rng rng(3);
  for (const std::size_t size : {1u, 15u, 16u, 33u, 4099u}) {
    std::vector<float> strong(size), weak(size), scores(size);
    for (std::size_t i = 0; i < size; ++i) {
      strong[i] = static_cast<float>(20.0 + 8.0 * rng.nextNormal());
      weak[i] = strong[i] + static_cast<float>(4.0 * rng.nextNormal());
    }
    weak[0] = -3e38f; // as good as impossible
    const plugins::Contrast both =
        plugins::contrast(strong, weak, 0.01, 0.7, *std::ranges::max_element(strong),
                          *std::ranges::max_element(weak), scores);
    const auto p = softmax(strong);
    const auto q = softmax(weak);
    EXPECT_NEAR(both.entropyStrong, entropy(p), 1e-5);
    EXPECT_NEAR(both.entropyWeak, entropy(q), 1e-5);
    if (size > 1) {
      double kl = 0;
      for (std::size_t i = 1; i < size; ++i)
        kl += p[i] * std::log(p[i] / q[i]);
      // The impossible token costs its probability times its distance.
      const double impossible = p[0] * (std::log(p[0]) + 3e38 + both.logTotalWeak);
      EXPECT_NEAR(both.kl, kl + impossible, 1e-5 * (1 + std::abs(kl)) + 1e-6 * impossible);
    }
    const double top = *std::ranges::max_element(strong);
    for (std::size_t i = 0; i < size; ++i)
      EXPECT_EQ(std::isfinite(scores[i]), strong[i] >= static_cast<float>(top + std::log(0.01)));
  }
}

TEST(Contrast, LargestOfAllTokens) {
  const std::vector<float> logits = {1, 3, 2, 3, -1};
  const auto best = [](std::span<const float> of, std::size_t count) {
    std::vector<std::int32_t> ids = {7};
    plugins::largest(of, count, ids);
    return ids;
  };
  EXPECT_THAT(best(logits, 3), ElementsAre(1, 3, 2));
  EXPECT_THAT(best(logits, 9), ElementsAre(1, 3, 2, 0, 4));
  EXPECT_THAT(best(logits, 0), ElementsAre());
  base::Rng rng(5);
  for (const std::size_t size : {15u, 16u, 17u, 100u, 4096u}) {
    std::vector<float> random(size);
    for (float& logit : random)
      logit = static_cast<float>(rng.nextBelow(50)); // with many ties
    std::vector<std::int32_t> order(size);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](auto a, auto b) {
      return random[static_cast<std::size_t>(a)] > random[static_cast<std::size_t>(b)];
    });
    order.resize(std::min<std::size_t>(size, 20));
    EXPECT_EQ(best(random, 20), order);
  }
}

class SelfContrastGolden : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
protected:
  static plugin::OptionArguments options() {
    return std::string(GetParam().first) == "rank2" ? kRankTwo : kRankOne;
  }
  const Reference reference{SY_TEST_DATA "/golden/demo/self_contrast.safetensors"};
  const nlohmann::json facts =
      nlohmann::json::parse(std::ifstream(SY_TEST_DATA "/golden/demo/self_contrast.json"));
};

TEST_P(SelfContrastGolden, EveryStepOfAGivenContinuation) {
  const auto [method, weakName] = GetParam();
  for (const nlohmann::json& prompt : facts["prompts"]) {
    const std::string key = prompt["key"].get<std::string>() + ".";
    const auto continuation = reference.integers(key + "continuation");
    const auto strong = reference.floats(key + "strong");
    const auto weak = reference.floats(key + weakName);
    const nlohmann::json& golden = prompt["methods"][method];
    const auto got = decode(demoModel(), reference.integers(key + "prompt_ids"),
                            {.decoder = "self-contrast",
                             .options = options(),
                             .count = continuation.size(),
                             .forced = continuation});
    ASSERT_TRUE(got) << got.error().describe();
    const double tolerance = 3e-4 * std::max(range(strong), range(weak)); // 1.5 and 0.5 of 1e-4
    std::vector<std::int64_t> changed;
    for (std::size_t step = 0; step < continuation.size(); ++step) {
      SCOPED_TRACE(key + " step " + std::to_string(step));
      const std::vector<float>& scores = got->scores[step];
      const nlohmann::json& plausible = golden["plausible"][step];
      const auto finite =
          std::ranges::count_if(scores, [](float score) { return std::isfinite(score); });
      EXPECT_EQ(finite, static_cast<std::ptrdiff_t>(plausible.size()));
      for (const nlohmann::json& token : plausible)
        EXPECT_NEAR(scores[token["id"].get<std::size_t>()], token["score"].get<double>(),
                    tolerance);
      EXPECT_EQ(session::argmax(scores).value, golden["choices"][step].get<int>());

      const auto& record = got->records[step];
      const auto p = softmax(std::span(strong).subspan(step * scores.size(), scores.size()));
      const auto q = softmax(std::span(weak).subspan(step * scores.size(), scores.size()));
      double kl = 0;
      for (std::size_t i = 0; i < p.size(); ++i)
        kl += p[i] > 0 ? p[i] * std::log(p[i] / q[i]) : 0;
      EXPECT_NEAR(figure(record, "kl"), kl, 1e-2 * std::max(kl, 0.1));
      EXPECT_NEAR(figure(record, "entropy_strong"), entropy(p), 5e-3);
      EXPECT_NEAR(figure(record, "entropy_weak"), entropy(q), 5e-3);
      EXPECT_EQ(figure(record, "candidates"), static_cast<double>(plausible.size()));
      const auto best = std::ranges::max_element(p) - p.begin();
      EXPECT_EQ(figure(record, "strong_token_1"), static_cast<double>(best));
      EXPECT_NEAR(figure(record, "strong_logprob_1"), std::log(*std::ranges::max_element(p)), 5e-3);
      EXPECT_EQ(figure(record, "weak_token_1"),
                static_cast<double>(std::ranges::max_element(q) - q.begin()));
      EXPECT_EQ(figure(record, "changed"), continuation[step] == best ? 0.0 : 1.0);
      if (session::argmax(scores).value != best)
        changed.push_back(static_cast<std::int64_t>(step));
    }
    EXPECT_EQ(nlohmann::json(changed), golden["steps_where_choice_differs_from_greedy"]);
  }
}

TEST_P(SelfContrastGolden, TheDecodedText) {
  for (const nlohmann::json& prompt : facts["prompts"]) {
    const std::string key = prompt["key"].get<std::string>() + ".";
    const auto got = decode(demoModel(), reference.integers(key + "prompt_ids"),
                            {.decoder = "self-contrast", .options = options()});
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(nlohmann::json(got->tokens), prompt["methods"][GetParam().first]["decoded_ids"]);
  }
}

TEST_P(SelfContrastGolden, TheSameScoresWhereNobodyKeepsItsRecords) {
  for (const char* alpha : {"0.1", "1e-5", "1", "0"})
    for (const nlohmann::json& prompt : facts["prompts"]) {
      const std::string key = prompt["key"].get<std::string>() + ".";
      plugin::OptionArguments named = options();
      named.emplace_back("alpha", alpha);
      const auto run = [&](bool keepsRecords) {
        return decode(demoModel(), reference.integers(key + "prompt_ids"),
                      {.decoder = "self-contrast",
                       .options = named,
                       .forced = reference.integers(key + "continuation"),
                       .keepsRecords = keepsRecords});
      };
      const auto with = run(true);
      const auto without = run(false);
      ASSERT_TRUE(with) << with.error().describe();
      ASSERT_TRUE(without) << without.error().describe();
      EXPECT_EQ(without->scores, with->scores) << key << " alpha " << alpha;
      EXPECT_EQ(without->tokens, with->tokens);
      EXPECT_FALSE(with->records.front().empty());
      EXPECT_EQ(without->records.front().empty(), std::string(alpha) != "0");
    }
}

INSTANTIATE_TEST_SUITE_P(Weak, SelfContrastGolden,
                         ::testing::Values(std::pair("rank2", "weak_rank2"),
                                           std::pair("top1", "weak_top1")),
                         [](const auto& info) { return std::string(info.param.first); });

std::vector<std::int64_t> prompt() {
  return Reference(SY_TEST_DATA "/golden/demo/self_contrast.safetensors").integers("s0.prompt_ids");
}

std::vector<std::int64_t> contrasted(const plugin::OptionArguments& options) {
  const auto got =
      decode(demoModel(), prompt(), {.decoder = "self-contrast", .options = options, .count = 10});
  EXPECT_TRUE(got) << got.error().describe();
  return got ? got->tokens : std::vector<std::int64_t>();
}

TEST(SelfContrast, NoContrastIsTheStrongPass) {
  const auto greedy =
      Reference(SY_TEST_DATA "/golden/demo/self_contrast.safetensors").integers("s0.continuation");
  const auto got = contrasted({{"beta", "0"}, {"r", "1"}, {"top", "0"}});
  EXPECT_EQ(got, std::vector(greedy.begin(), greedy.begin() + 10));
  // Nothing but the likeliest token is plausible.
  EXPECT_EQ(contrasted({{"alpha", "1"}, {"beta", "50"}}), got);
}

TEST(SelfContrast, WeakRoutingsAreTheRecipesTheyStandFor) {
  const auto scores = [](const plugin::OptionArguments& options) {
    const auto got =
        decode(demoModel(), prompt(), {.decoder = "self-contrast", .options = options, .count = 3});
    EXPECT_TRUE(got) << got.error().describe();
    return got ? got->scores : std::vector<std::vector<float>>();
  };
  const auto recipe = [&](const std::string& steps) {
    return scores({{"weak", "recipe"}, {"recipe", R"({"steps":[)" + steps + "]}"}});
  };
  EXPECT_EQ(scores({{"r", "3"}}), recipe(R"({"plugin":"rank-r","options":{"rank":3}})"));
  EXPECT_EQ(scores({{"weak", "top"}, {"r", "2"}}),
            recipe(R"({"plugin":"top-k","options":{"k":2}})"));
  EXPECT_EQ(scores({{"weak", "top"}, {"renorm", "no"}}),
            recipe(R"({"plugin":"top-k","options":{"k":1,"renorm":false}})"));
  EXPECT_EQ(scores({{"weak", "random"}}),
            recipe(R"({"plugin":"random","options":{"k":1,"weights":"equal"}})"));
  EXPECT_NE(scores({{"r", "2"}, {"renorm", "no"}}), scores({{"r", "2"}, {"renorm", "yes"}}));
  EXPECT_EQ(scores({{"r", "2"}}), scores({{"r", "2"}, {"renorm", "yes"}})); // the demo model's rule
  EXPECT_NE(scores({{"weak", "random"}}), scores({{"weak", "top"}}));
}

TEST(SelfContrast, APromptOfOneToken) {
  const auto got = decode(demoModel(), {5}, {.decoder = "self-contrast", .count = 4});
  EXPECT_TRUE(got) << got.error().describe();
}

TEST(SelfContrast, WhatGivesNoWeakerPassIsRefusedWithAReason) {
  const auto refusal = [](const std::shared_ptr<const model::Model>& model,
                          const plugin::OptionArguments& options) {
    const auto got =
        decode(model, {1, 2, 3}, {.decoder = "self-contrast", .options = options, .count = 1});
    return got ? std::string("not refused") : got.error().describe();
  };
  EXPECT_THAT(refusal(demoModel(), {{"weak", "top"}, {"r", "4"}}), HasSubstr("no weaker pass"));
  EXPECT_THAT(refusal(demoModel(), {{"r", "33"}}), HasSubstr("ranks 32 experts"));
  EXPECT_THAT(refusal(demoModel(), {{"weak", "recipe"}}), HasSubstr("recipe"));
  EXPECT_THAT(refusal(demoModel(), {{"recipe", "{}"}}), HasSubstr("recipe"));
  EXPECT_THAT(refusal(demoModel(), {{"weak", "recipe"}, {"recipe", "{"}}),
              HasSubstr("self-contrast"));
  EXPECT_THAT(refusal(demoModel(), {{"alpha", "2"}}), HasSubstr("alpha"));
}

TEST(SelfContrast, AModelOfOneExpertATokenIsContrastedWithItsSecondChoiceOnly) {
  const TempFolder folder;
  const std::filesystem::path source = SY_TEST_DATA "/golden/models/olmoe";
  nlohmann::json config = nlohmann::json::parse(std::ifstream(source / "config.json"));
  config["num_experts_per_tok"] = 1;
  folder.write("config.json", config.dump());
  std::filesystem::copy_file(source / "model.safetensors", folder / "model.safetensors");
  const auto model = model::Model::load(folder.path(), demoThreads());
  ASSERT_TRUE(model) << model.error().describe();
  const auto run = [&](const plugin::OptionArguments& options) {
    return decode(*model, {1, 2, 3}, {.decoder = "self-contrast", .options = options, .count = 2});
  };
  const auto rankOne = run({{"r", "1"}});
  ASSERT_FALSE(rankOne);
  EXPECT_EQ(rankOne.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(rankOne.error().message, HasSubstr("use rank 2"));
  const auto top = run({{"weak", "top"}});
  ASSERT_FALSE(top);
  EXPECT_THAT(top.error().message, HasSubstr("takes 1 experts a token"));
  const auto rankTwo = run({});
  EXPECT_TRUE(rankTwo) << rankTwo.error().describe();
}

} // namespace
} // namespace switchyard::tests
