#include "core/session/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace switchyard::session {
namespace {

using base::TokenId;

constexpr std::array<float, 5> kLogits = {1.0f, 3.0f, 2.0f, 3.0f, -1.0f};

std::map<int, double> frequencies(SamplerOptions options, std::span<const float> logits,
                                  std::span<const TokenId> seen = {}) {
  Sampler sampler(options, 0);
  std::map<int, double> counts;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i)
    counts[sampler.sample(logits, seen)->value] += 1.0 / kDraws;
  return counts;
}

TEST(Sampler, GreedyTakesTheLowestIdAmongEquals) {
  EXPECT_EQ(argmax(kLogits), TokenId(1));
  EXPECT_EQ(Sampler({}, 0).sample(kLogits, {}).value(), TokenId(1));
}

TEST(Sampler, TemperatureGivesTheSoftmax) {
  const auto got = frequencies({.temperature = 2.0, .seed = 1}, kLogits);
  double total = 0;
  for (const float logit : kLogits)
    total += std::exp(logit / 2.0);
  for (std::size_t i = 0; i < kLogits.size(); ++i)
    EXPECT_NEAR(got.at(static_cast<int>(i)), std::exp(kLogits[i] / 2.0) / total, 0.012);
}

TEST(Sampler, FiltersKeepWhatTheySay) {
  const auto keys = [](const std::map<int, double>& counts) {
    std::vector<int> ids;
    for (const auto& entry : counts)
      ids.push_back(entry.first);
    return ids;
  };
  // Probabilities at temperature 1: 1 and 3 have .400 each, 2 .147, 0 .054, 4 .007.
  EXPECT_EQ(keys(frequencies({.temperature = 1, .topK = 1}, kLogits)), std::vector<int>({1}));
  EXPECT_EQ(keys(frequencies({.temperature = 1, .topK = 3}, kLogits)), std::vector<int>({1, 2, 3}));
  EXPECT_EQ(keys(frequencies({.temperature = 1, .topP = 0.0}, kLogits)), std::vector<int>({1}));
  EXPECT_EQ(keys(frequencies({.temperature = 1, .topP = 0.75}, kLogits)), std::vector<int>({1, 3}));
  EXPECT_EQ(keys(frequencies({.temperature = 1, .topP = 0.9}, kLogits)),
            std::vector<int>({1, 2, 3}));
  EXPECT_EQ(keys(frequencies({.temperature = 1, .minP = 0.3}, kLogits)),
            std::vector<int>({1, 2, 3}));
}

/// The definition, word by word: everything sorted, then each filter, then the draw.
TokenId drawnFromASortedList(const SamplerOptions& options, std::span<const float> logits,
                             double random) {
  std::vector<std::pair<double, int>> tokens; // mass, id
  const double top = *std::ranges::max_element(logits);
  for (std::size_t id = 0; id < logits.size(); ++id)
    tokens.emplace_back(std::exp((logits[id] - top) / options.temperature), static_cast<int>(id));
  std::ranges::stable_sort(tokens, std::greater(), &std::pair<double, int>::first);
  if (options.topK > 0)
    tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(options.topK)));
  double total = 0;
  for (const auto& token : tokens)
    total += token.first;
  double sum = 0;
  std::size_t nucleus = 0;
  while (nucleus < tokens.size() && (nucleus == 0 || sum < options.topP * total))
    sum += tokens[nucleus++].first;
  tokens.resize(nucleus);
  std::erase_if(tokens, [&](const auto& token) { return token.first < options.minP; });
  sum = 0;
  for (const auto& token : tokens)
    sum += token.first;
  double reached = 0;
  for (const auto& [mass, id] : tokens)
    if ((reached += mass) > random * sum)
      return TokenId(id);
  return TokenId(tokens.back().second);
}

TEST(Sampler, DrawsWhatASortedListGives) {
  base::Rng rng(3, 0);
  std::vector<float> logits(500);
  for (float& logit : logits)
    logit = static_cast<float>(rng.nextDouble() * 6.0 - 3.0);
  logits[7] = -std::numeric_limits<float>::infinity();
  for (const SamplerOptions& options :
       {SamplerOptions{.temperature = 1.0}, SamplerOptions{.temperature = 5.0},
        SamplerOptions{.temperature = 0.3, .topK = 40},
        SamplerOptions{.temperature = 1.0, .topP = 0.6},
        SamplerOptions{.temperature = 1.0, .minP = 0.2},
        SamplerOptions{.temperature = 2.0, .topK = 200, .topP = 0.9, .minP = 0.05}}) {
    Sampler sampler(options, 11);
    base::Rng draws(options.seed, 11);
    for (int i = 0; i < 300; ++i)
      ASSERT_EQ(sampler.sample(logits, {}).value(),
                drawnFromASortedList(options, logits, draws.nextDouble()));
  }
}

TEST(Sampler, RepetitionPenaltyDividesPositiveAndMultipliesNegativeLogits) {
  const std::array<TokenId, 3> seen = {TokenId(1), TokenId(1), TokenId(4)};
  Sampler sampler({.repetitionPenalty = 2.0}, 0);
  EXPECT_EQ(sampler.sample(kLogits, seen).value(), TokenId(3)); // 1 fell to 1.5, once
  const std::array<float, 2> negative = {-1.0f, -1.5f};
  const std::array<TokenId, 1> first = {TokenId(0)};
  EXPECT_EQ(sampler.sample(negative, first).value(), TokenId(1)); // 0 fell to -2
}

TEST(Sampler, SeedAndStreamDecideTheDraws) {
  const auto draw = [](std::uint64_t seed, std::uint64_t stream) {
    Sampler sampler({.temperature = 3.0, .seed = seed}, stream);
    std::vector<int> ids;
    for (int i = 0; i < 50; ++i)
      ids.push_back(sampler.sample(kLogits, {})->value);
    return ids;
  };
  EXPECT_EQ(draw(5, 0), draw(5, 0));
  EXPECT_NE(draw(5, 0), draw(6, 0));
  EXPECT_NE(draw(5, 0), draw(5, 1));
}

TEST(Sampler, RefusesBadOptionsAndLogits) {
  EXPECT_FALSE(validate({.temperature = -1}));
  EXPECT_FALSE(validate({.temperature = std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_FALSE(validate({.topK = -1}));
  EXPECT_FALSE(validate({.topP = 1.5}));
  EXPECT_FALSE(validate({.minP = -0.1}));
  EXPECT_FALSE(validate({.repetitionPenalty = 0}));
  EXPECT_TRUE(validate({}));
  const std::array<float, 2> nan = {1.0f, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(Sampler({}, 0).sample(nan, {}).error().code, base::ErrorCode::NonFinite);
  const float low = -std::numeric_limits<float>::infinity();
  const std::array<float, 2> none = {low, low};
  EXPECT_EQ(Sampler({}, 0).sample(none, {}).error().code, base::ErrorCode::NonFinite);
}

} // namespace
} // namespace switchyard::session
