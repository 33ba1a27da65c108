#include "analyzers/similarity/similarity.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace switchyard::analyzers {
namespace {

std::vector<float> randomMatrix(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> out(size);
  for (float& x : out)
    x = normal(random);
  return out;
}

TEST(Similarity, cosinesAgainstPlainLoops) {
  std::vector<std::vector<float>> items;
  for (unsigned i = 0; i < 4; ++i)
    items.push_back(randomMatrix(37, i));
  items.push_back(std::vector<float>(37));
  const std::vector<std::span<const float>> views(items.begin(), items.end());
  const auto got = cosineMatrix(views);
  ASSERT_TRUE(got);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      double product = 0, a = 0, b = 0;
      for (std::size_t c = 0; c < 37; ++c) {
        product += static_cast<double>(items[i][c]) * static_cast<double>(items[j][c]);
        a += std::pow(items[i][c], 2.0);
        b += std::pow(items[j][c], 2.0);
      }
      if (i == 4 || j == 4)
        EXPECT_FALSE(got->at(i, j)) << "an item of zeros has no direction";
      else
        EXPECT_NEAR(*got->at(i, j), product / std::sqrt(a * b), 1e-6);
    }
  }
  EXPECT_LT(std::abs(*got->mean()), 0.3);
  EXPECT_FALSE(cosineMatrix({}));
  const std::vector<std::span<const float>> uneven = {views[0], views[1].first(3)};
  EXPECT_FALSE(cosineMatrix(uneven));
}

TEST(Similarity, meansOfNeurons) {
  const std::vector<float> matrix = {1, 2, 3, 5, 6, 7};
  EXPECT_EQ(meanOverRows(matrix, 3), (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(meanOverColumns(matrix, 3), (std::vector<float>{2, 6}));
}

TEST(Similarity, reorderingFindsAHiddenPermutation) {
  constexpr std::size_t kRows = 24, kColumns = 9;
  const std::vector<float> a = randomMatrix(kRows * kColumns, 9);
  std::vector<std::size_t> place(kRows);
  for (std::size_t r = 0; r < kRows; ++r)
    place[r] = (r * 7 + 3) % kRows;
  std::vector<float> b(a.size());
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kColumns; ++c)
      b[place[r] * kColumns + c] = 2.5f * a[r * kColumns + c];
  }
  const auto got = reorderedSimilarity(a, b, kColumns);
  ASSERT_TRUE(got);
  for (std::size_t r = 0; r < kRows; ++r)
    EXPECT_EQ(got->partner[r], static_cast<std::int64_t>(place[r]));
  EXPECT_NEAR(*got->cosine, 1, 1e-6);
  EXPECT_NEAR(got->meanNeuronCosine, 1, 1e-6);
  EXPECT_LT(*got->kendallTau, 0.9);
  const auto same = reorderedSimilarity(a, a, kColumns);
  EXPECT_DOUBLE_EQ(*same->kendallTau, 1);
  EXPECT_FALSE(reorderedSimilarity(a, b, 0));
  EXPECT_FALSE(reorderedSimilarity(a, std::span(b).first(9), kColumns));
}

TEST(Similarity, explainedShareOfALine) {
  SimilarityMatrix x{3, std::vector<std::optional<double>>(9)}, y = x;
  const double values[] = {.1, .5, .2};
  std::size_t next = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < i; ++j, ++next) {
      x.cosines[i * 3 + j] = values[next];
      y.cosines[i * 3 + j] = 1 - values[next] / 2;
    }
  }
  EXPECT_NEAR(*explainedShare(x, y), 1, 1e-12);
  EXPECT_FALSE(explainedShare({1, {1.0}}, {1, {1.0}}));
}

} // namespace
} // namespace switchyard::analyzers
