// Which tokens could have come next.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/studio/live/candidates.h"
#include "core/base/rng.h"

namespace switchyard::studio {
namespace {

TEST(CandidateFinder, FindsWhatSortingFinds) {
  CandidateFinder finder;
  for (const std::size_t vocabulary :
       {std::size_t{3}, std::size_t{64}, std::size_t{65}, std::size_t{4096}}) {
    base::Rng rng(5, vocabulary);
    std::vector<float> scores(vocabulary);
    for (float& score : scores)
      score = static_cast<float>(rng.nextU64() % 1000) / 50.0f; // with ties
    NextToken next;
    finder.find(scores, base::TokenId(1), next);
    std::vector<std::int32_t> order(vocabulary);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](std::int32_t a, std::int32_t b) {
      return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    double sum = 0;
    for (const float score : scores)
      sum += std::exp(static_cast<double>(score));
    ASSERT_EQ(next.candidates.size(), std::min(CandidateFinder::kCandidates, vocabulary));
    for (std::size_t i = 0; i < next.candidates.size(); ++i) {
      EXPECT_EQ(next.candidates[i].token, order[i]);
      const double expected =
          std::exp(static_cast<double>(scores[static_cast<std::size_t>(order[i])])) / sum;
      EXPECT_NEAR(next.candidates[i].probability, expected, 1e-5 * expected + 1e-9);
    }
    EXPECT_NEAR(next.probability, std::exp(static_cast<double>(scores[1])) / sum, 1e-5);
  }
}

TEST(CandidateFinder, LeavesOutWhatCannotBeChosen) {
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> scores = {never, 0, never, 0};
  NextToken next;
  CandidateFinder().find(scores, base::TokenId(1), next);
  ASSERT_EQ(next.candidates.size(), 2u);
  EXPECT_EQ(next.candidates[0].token, 1);
  EXPECT_EQ(next.candidates[1].token, 3);
  EXPECT_FLOAT_EQ(next.candidates[0].probability, 0.5f);
}

TEST(AddFigures, ShowsBothPassesOfAContrast) {
  NextToken next;
  next.candidates = {{.token = 4, .probability = 0.75f}, {.token = 9, .probability = 0.25f}};
  const jobs::DecodeRecord record = {{"kl", 0.2},
                                     {"strong_token_1", 4},
                                     {"strong_logprob_1", std::log(0.5)},
                                     {"weak_token_1", 7},
                                     {"weak_logprob_1", std::log(0.125)},
                                     {"strong_token_2", 7},
                                     {"strong_logprob_2", std::log(0.25)}};
  addFigures(record, next);
  ASSERT_EQ(next.candidates.size(), 3u);
  EXPECT_NEAR(next.candidates[0].strong.value_or(0), 0.5, 1e-6);
  EXPECT_FALSE(next.candidates[0].weak);
  EXPECT_FALSE(next.candidates[1].strong);
  EXPECT_EQ(next.candidates[2].token, 7);
  EXPECT_TRUE(next.candidates[2].cut) << "liked by the strong pass, left out by the contrast";
  EXPECT_NEAR(next.candidates[2].weak.value_or(0), 0.125, 1e-6);
  EXPECT_EQ(next.figures.size(), record.size());
}

} // namespace
} // namespace switchyard::studio
