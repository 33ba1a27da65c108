// Continuous rerouting: offsets fitted to a context, and the decoder around them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/backward.h"
#include "core/routing/recipe.h"
#include "plugins/rerouting/rerouter.h"
#include "tests/plugins/decoding.h"
#include "tests/support/reference.h"

namespace switchyard::tests {
namespace {

using namespace switchyard::plugins;
using ::testing::HasSubstr;
using Ids = std::vector<std::int64_t>;

constexpr std::size_t kLayers = 6;
constexpr std::size_t kExperts = 32;

Ids goldenText(const std::string& prompt = "g0") {
  return Reference(SY_TEST_DATA "/golden/demo/gradient.safetensors").integers(prompt + ".ids");
}

/// The loss of a context through the host that plugins see.
class Context {
public:
  explicit Context(const Ids& text)
      : m_tokens(tokenIds(text)),
        m_host(session::ModelDecodeHost::create(demoModel(), demoThreads(), {}).value()) {}

  ReroutingReport adapt(Rerouter& rerouter) const {
    return rerouter.adapt(m_tokens.size() - 1,
                          [&](auto offsets, auto gradient, auto surprise, auto ids) {
                            const auto loss = m_host->routerGradient({.tokens = m_tokens,
                                                                      .offsets = offsets,
                                                                      .gradient = gradient,
                                                                      .routing = {surprise, ids}});
                            if (!loss)
                              throw std::runtime_error(loss.error().describe());
                            return *loss;
                          });
  }

private:
  std::vector<base::TokenId> m_tokens;
  std::unique_ptr<session::ModelDecodeHost> m_host;
};

Rerouter rerouter(const ReroutingOptions& options) {
  return Rerouter(options, kLayers, kExperts, 4);
}

ReroutingReport adapt(Rerouter& rerouter, const std::string& prompt = "g0") {
  return Context(goldenText(prompt)).adapt(rerouter);
}

std::vector<float> goldenGradient(const std::string& prompt) {
  return Reference(SY_TEST_DATA "/golden/demo/gradient.safetensors").floats(prompt + ".grad");
}

TEST(Rerouter, OneStepOfSgdIsTheRateTimesTheGradient) {
  Rerouter one =
      rerouter({.optimizer = OffsetOptimizer::Sgd, .steps = 1, .rate = 2.0, .fraction = 1.0});
  adapt(one);
  const auto gradient = goldenGradient("g0");
  const double tolerance = 2.0 * 1e-4 * largestMagnitude(gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    EXPECT_NEAR(one.offsets()[i], -2.0 * gradient[i], tolerance);
}

TEST(Rerouter, TheFirstStepOfAdamIsTheRateInTheDirectionOfDescent) {
  Rerouter one = rerouter({.steps = 1, .fraction = 1.0});
  adapt(one);
  const auto gradient = goldenGradient("g0");
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (std::abs(gradient[i]) < 1e-5) // too near epsilon and rounding
      continue;
    EXPECT_NEAR(one.offsets()[i], gradient[i] > 0 ? -0.05 : 0.05, 2e-4);
  }
}

TEST(Rerouter, TheLossOfTheContextFalls) {
  for (const auto optimizer : {OffsetOptimizer::Adam, OffsetOptimizer::Sgd}) {
    const bool sgd = optimizer == OffsetOptimizer::Sgd;
    Rerouter fitted = rerouter({.optimizer = optimizer, .rate = sgd ? 1.0 : 0.01});
    const ReroutingReport report = adapt(fitted);
    ASSERT_EQ(report.losses.size(), 6u);
    EXPECT_LT(report.lossAfter(), report.lossBefore());
  }
}

TEST(Rerouter, HardMovesHalfOfTheLayersAndTheSwitchMovesTheOthers) {
  Rerouter literal = rerouter({});
  Rerouter reversed = rerouter({.direction = LayerDirection::MostConfident});
  const ReroutingReport a = adapt(literal);
  const ReroutingReport b = adapt(reversed);
  double leastMoved = std::numeric_limits<double>::infinity();
  double mostLeft = 0;
  for (std::size_t l = 0; l < kLayers; ++l) {
    EXPECT_EQ(a.layers[l].confidence, b.layers[l].confidence);
    EXPECT_EQ(a.layers[l].factor + b.layers[l].factor, 1.0);
    EXPECT_EQ(a.layers[l].norm > 0, a.layers[l].factor > 0);
    (a.layers[l].factor > 0 ? leastMoved : mostLeft) =
        a.layers[l].factor > 0 ? std::min(leastMoved, a.layers[l].confidence)
                               : std::max(mostLeft, a.layers[l].confidence);
  }
  EXPECT_GT(leastMoved, mostLeft);
}

TEST(Rerouter, SoftMovesEveryLayerByItsShareOfTheScore) {
  Rerouter soft = rerouter({.steps = 1, .layers = LayerSelection::Soft});
  const ReroutingReport report = adapt(soft);
  double largest = 0;
  for (const ReroutedLayer& layer : report.layers)
    largest = std::max(largest, layer.confidence);
  for (std::size_t l = 0; l < kLayers; ++l) {
    EXPECT_DOUBLE_EQ(report.layers[l].factor, report.layers[l].confidence / largest);
    const auto own = soft.offsets().subspan(l * kExperts, kExperts);
    const float most = std::max(std::ranges::max(own), -std::ranges::min(own));
    EXPECT_NEAR(most, 0.05 * report.layers[l].factor, 1e-3);
  }
}

TEST(Rerouter, OffsetsStayWithinTheClampAreCarriedAndReset) {
  Rerouter clamped = rerouter({.rate = 0.5, .fraction = 1.0, .clamp = 0.3});
  const ReroutingReport first = adapt(clamped);
  for (const float offset : clamped.offsets())
    EXPECT_LE(std::abs(offset), 0.3f);
  EXPECT_GT(first.flipsPerToken, 0);
  const ReroutingReport second = adapt(clamped); // goes on where the first one ended
  EXPECT_EQ(second.lossBefore(), first.lossAfter());
  clamped.reset();
  EXPECT_TRUE(std::ranges::all_of(clamped.offsets(), [](float offset) { return offset == 0; }));
  const ReroutingReport again = adapt(clamped);
  EXPECT_EQ(again.losses, first.losses);
}

TEST(Rerouter, AFailureLeavesTheOffsetsAlone) {
  Rerouter fitted = rerouter({});
  adapt(fitted);
  const std::vector<float> before(fitted.offsets().begin(), fitted.offsets().end());
  int calls = 0;
  EXPECT_THROW(fitted.adapt(1,
                            [&](auto, auto gradient, auto, auto) -> double {
                              std::ranges::fill(gradient, 1.0f);
                              if (++calls == 3)
                                throw std::runtime_error("no more");
                              return 1.0;
                            }),
               std::runtime_error);
  EXPECT_TRUE(std::ranges::equal(before, fitted.offsets()));
}

/// Loss of a text by the model alone, at zero offsets.
double lossOf(const Ids& text) {
  model::GradientWorkspace buffers;
  const auto tokens = tokenIds(text);
  return model::routerGradient(*demoModel(), {.threads = demoThreads()}, {.tokens = tokens},
                               buffers, {})
      .value();
}

Decoding decoded(const Ids& prompt, const plugin::OptionArguments& options, std::size_t count,
                 const Ids& forced = {}) {
  auto got = decode(demoModel(), prompt,
                    {.decoder = "rerouting", .options = options, .count = count, .forced = forced});
  EXPECT_TRUE(got) << got.error().describe();
  return got ? std::move(*got) : Decoding();
}

bool adapted(const std::vector<std::pair<std::string, double>>& record) {
  return !std::isnan(figure(record, "loss_before"));
}

TEST(Rerouting, TokensAfterTheContextNeverInfluenceItsOffsets) {
  const Ids text = goldenText();
  const Ids prompt(text.begin(), text.begin() + 12);
  // Two continuations that agree in their first seven tokens.
  const Ids one(text.begin() + 12, text.begin() + 24);
  Ids other = one;
  for (std::size_t i = 7; i < other.size(); ++i)
    other[i] = (one[i] + 17) % 4096;
  for (const char* cache : {"keep", "recompute"}) {
    const plugin::OptionArguments options = {
        {"interval", "4"}, {"steps", "2"}, {"fraction", "1"}, {"cache", cache}};
    const Decoding a = decoded(prompt, options, one.size(), one);
    const Decoding b = decoded(prompt, options, one.size(), other);
    for (std::size_t step = 0; step <= 7; ++step) { // scores of step 7 follow the seven tokens
      EXPECT_EQ(a.scores[step], b.scores[step]) << "step " << step;
      EXPECT_EQ(a.records[step], b.records[step]) << "step " << step;
      EXPECT_EQ(adapted(a.records[step]), step % 4 == 0);
    }
    EXPECT_NE(a.records[8], b.records[8]) << "adapted to other texts";
    EXPECT_EQ(figure(a.records[8], "context_tokens"), 20);
  }
}

TEST(Rerouting, WhatFollowsThePromptIsNotAdaptedToWithoutAnInterval) {
  const Ids text = goldenText();
  const Ids prompt(text.begin(), text.begin() + 12);
  const Ids rest(text.begin() + 12, text.begin() + 24);
  const Decoding got = decoded(prompt, {{"interval", "0"}}, rest.size(), rest);
  for (std::size_t step = 0; step < rest.size(); ++step)
    EXPECT_EQ(adapted(got.records[step]), step == 0);
  EXPECT_EQ(figure(got.records[0], "context_tokens"), 12);
  EXPECT_EQ(figure(got.records[0], "loss_before"), lossOf(prompt)) << "the prompt's loss alone";
  EXPECT_LT(figure(got.records[0], "loss_after"), figure(got.records[0], "loss_before"));
}

TEST(Rerouting, EveryRequestBeginsWithZeros) {
  const Ids a = goldenText("g0"), b = goldenText("g1");
  const Decoding first = decoded(a, {}, 2);
  const Decoding second = decoded(b, {}, 2);
  EXPECT_EQ(figure(first.records[0], "loss_before"), lossOf(a));
  EXPECT_EQ(figure(second.records[0], "loss_before"), lossOf(b));
  const Decoding again = decoded(a, {}, 2);
  EXPECT_EQ(again.records, first.records);
  EXPECT_EQ(again.scores, first.scores);
}

TEST(Rerouting, TheDecoderUsesTheOffsetsThatWereFitted) {
  const Ids prompt = goldenText();
  const Decoding got = decoded(prompt,
                               {{"optimizer", "sgd"},
                                {"steps", "1"},
                                {"rate", "2"},
                                {"fraction", "1"},
                                {"cache", "recompute"}},
                               1);
  // One step of SGD by hand, from the golden gradient, through a host of its own.
  std::vector<float> offsets = goldenGradient("g0");
  double norm = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    offsets[i] *= -2.0f;
    if (i < kExperts)
      norm += static_cast<double>(offsets[i]) * offsets[i];
  }
  EXPECT_NEAR(figure(got.records[0], "offset_norm_layer_0"), std::sqrt(norm),
              1e-3 * std::sqrt(norm) + 1e-6);
  const auto host = session::ModelDecodeHost::create(demoModel(), demoThreads(), {}).value();
  const auto tokens = tokenIds(prompt);
  ASSERT_TRUE(host->start(tokens));
  const auto branch = host->open().value();
  std::vector<float> logits(4096);
  const session::BranchStep step{branch, tokens, 0, offsets, logits};
  ASSERT_TRUE(host->step({&step, 1}));
  EXPECT_LE(largestDifference(got.scores[0], logits), 1e-3 * range(logits));
  // Kept caches are stale: other logits, though not far off.
  const Decoding kept =
      decoded(prompt, {{"optimizer", "sgd"}, {"steps", "1"}, {"rate", "2"}, {"fraction", "1"}}, 1);
  EXPECT_EQ(kept.records, got.records);
  EXPECT_NE(kept.scores, got.scores);
}

TEST(Rerouting, ASingleTokenHasNothingToAdaptTo) {
  const Decoding got = decoded({5}, {{"interval", "2"}, {"steps", "1"}}, 4);
  EXPECT_FALSE(adapted(got.records[0]));
  EXPECT_FALSE(adapted(got.records[1]));
  EXPECT_TRUE(adapted(got.records[2]));
}

TEST(Rerouting, BadInputIsRefusedWithAReason) {
  const auto refusal = [](const plugin::OptionArguments& options) {
    const auto got =
        decode(demoModel(), {1, 2, 3}, {.decoder = "rerouting", .options = options, .count = 1});
    return got ? std::string("not refused") : got.error().describe();
  };
  EXPECT_THAT(refusal({{"steps", "0"}}), HasSubstr("steps"));
  EXPECT_THAT(refusal({{"rate", "0"}}), HasSubstr("rate"));
  EXPECT_THAT(refusal({{"rate", "nan"}}), HasSubstr("rate"));
  EXPECT_THAT(refusal({{"fraction", "1.5"}}), HasSubstr("fraction"));
  EXPECT_THAT(refusal({{"beta1", "1"}}), HasSubstr("beta1"));
  EXPECT_THAT(refusal({{"clamp", "0"}}), HasSubstr("clamp"));
  EXPECT_THAT(refusal({{"optimizer", "newton"}}), HasSubstr("optimizer"));
  const auto policy =
      routing::buildRecipe(
          routing::parseRecipe(R"({"steps":[{"plugin":"top-k","options":{"k":2}}]})", {}).value())
          .value();
  ASSERT_TRUE(policy->begin(demoModel()->layerFacts()));
  const auto steered =
      decode(demoModel(), {1, 2, 3}, {.decoder = "rerouting", .count = 1, .policy = policy.get()});
  ASSERT_FALSE(steered);
  EXPECT_THAT(steered.error().message, HasSubstr("leave the recipe out"));
}

} // namespace
} // namespace switchyard::tests
