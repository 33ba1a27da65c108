#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/ops/vector_ops.h"
#include "tests/core/tensor/targets.h"

namespace switchyard::tensor {
namespace {

using test::expectSame;
using test::forEachTarget;
using test::randomFloats;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Distance in units of the last place of the correctly rounded result.
double ulps(float actual, double expected) {
  const auto rounded = static_cast<float>(expected);
  if (std::isinf(rounded) || std::isinf(actual))
    return actual == rounded ? 0 : 1e9;
  const float size = std::fabs(rounded);
  const double unit = static_cast<double>(std::nextafter(size, kInfinity)) - size;
  return std::fabs(actual - expected) / unit;
}

/// Every step-th finite float of either sign.
std::vector<float> everyFewFloats(std::uint32_t step) {
  std::vector<float> values;
  for (std::uint32_t bits = 0; bits < 0x7F800000u - step; bits += step)
    for (const std::uint32_t sign : {0u, 0x80000000u})
      values.push_back(std::bit_cast<float>(bits | sign));
  return values;
}

TEST(Sigmoid, IsWithinTwoAndAHalfUlpOverTheWholeRange) {
  const std::vector<float> xs = everyFewFloats(6007);
  double worst = 0;
  for (const float x : xs)
    worst = std::max(worst, ulps(sigmoid(x), 1 / (1 + std::exp(-static_cast<double>(x)))));
  EXPECT_LE(worst, 2.5);
  EXPECT_EQ(sigmoid(0.0f), 0.5f);
  EXPECT_EQ(sigmoid(kInfinity), 1.0f);
  EXPECT_EQ(sigmoid(-kInfinity), 0.0f);
  EXPECT_TRUE(std::isnan(sigmoid(kNan)));
}

TEST(Softmax, ExponentialIsWithinOneUlpOverTheWholeRange) {
  // For x below -17.4 the sum 1 + e^x rounds to 1, so softmax({0, x})[1] is e^x itself.
  double worst = 0;
  for (float x = -17.5f; x > -110.0f; x -= 0.000731f) {
    std::vector<float> pair{0.0f, x};
    softmaxInPlace(pair);
    EXPECT_EQ(pair[0], 1.0f);
    worst = std::max(worst, ulps(pair[1], std::exp(static_cast<double>(x))));
  }
  EXPECT_LE(worst, 1.0);
  // Near 0 the quotient adds roundings of its own: one of the sum, one of the division.
  for (float x = 0.0f; x > -17.5f; x -= 0.000731f) {
    std::vector<float> pair{0.0f, x};
    softmaxInPlace(pair);
    const double e = std::exp(static_cast<double>(x));
    worst = std::max(worst, ulps(pair[1], e / (1 + e)));
  }
  EXPECT_LE(worst, 2.5);
}

TEST(Softmax, SumsToOneAndDoesNotOverflow) {
  for (const std::size_t count : {1u, 5u, 16u, 33u, 1000u}) {
    std::vector<float> x = randomFloats(count, 3, 1e4f);
    softmaxInPlace(x);
    double sum = 0;
    for (const float value : x) {
      EXPECT_GE(value, 0.0f);
      sum += value;
    }
    EXPECT_NEAR(sum, 1.0, 1e-6);
  }
  std::vector<float> empty;
  softmaxInPlace(empty);
}

TEST(Softmax, MaskedEntriesAreZero) {
  std::vector<float> x(20, -kInfinity);
  x[3] = 1.0f;
  x[18] = 1.0f;
  softmaxInPlace(x);
  EXPECT_EQ(x[3], 0.5f);
  EXPECT_EQ(x[18], 0.5f);
  EXPECT_EQ(std::ranges::count(x, 0.0f), 18);
  std::vector<float> allMasked(20, -kInfinity);
  softmaxInPlace(allMasked);
  EXPECT_EQ(allMasked, std::vector<float>(20, 0.0f));
}

TEST(Softmax, NanIsNotHidden) {
  for (const float rest : {0.0f, -kInfinity}) {
    std::vector<float> x(20, rest);
    x[7] = kNan;
    softmaxInPlace(x);
    EXPECT_TRUE(std::ranges::all_of(x, [](float value) { return std::isnan(value); }));
  }
}

TEST(LargestOfLanes, AreThoseOfEverySixteenth) {
  for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 200u}) {
    std::vector<float> x = randomFloats(count, 31, 50.0f);
    if (count > 2)
      x[count / 2] = kNan;
    std::array<float, 16> expected;
    expected.fill(-kInfinity);
    for (std::size_t i = 0; i < count; ++i)
      if (x[i] > expected[i % 16])
        expected[i % 16] = x[i];
    EXPECT_EQ(largestOfLanes(x), expected);
  }
}

TEST(PlacesAtLeast, AreThoseThatAreNotLess) {
  std::vector<std::int32_t> buffer;
  for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 200u, 20u}) {
    std::vector<float> x = randomFloats(count, 36, 50.0f);
    if (count > 2) {
      x[count / 2] = kNan;
      x[1] = -kInfinity;
    }
    for (const float least : {-1e30f, -3.0f, count > 0 ? x[count - 1] : 0.0f, 1e30f}) {
      std::vector<std::int32_t> expected;
      for (std::size_t i = 0; i < count; ++i)
        if (x[i] >= least)
          expected.push_back(static_cast<std::int32_t>(i));
      const auto places = placesAtLeast(x, least, buffer);
      EXPECT_EQ(std::vector<std::int32_t>(places.begin(), places.end()), expected);
    }
  }
}

TEST(SumOfExp, IsWhatSoftmaxDividesBy) {
  for (const std::size_t count : {1u, 5u, 16u, 33u, 1000u}) {
    std::vector<float> x = randomFloats(count, 32, 20.0f);
    if (count > 1)
      x[1] = -kInfinity;
    for (std::size_t i = 2; i < count; i += 3)
      x[i] -= 80; // about where powers stop to be normal numbers
    const float most = std::ranges::max(x);
    const float sum = sumOfExp(x, most);
    double expected = 0;
    for (const float value : x)
      expected += std::exp(static_cast<double>(value) - static_cast<double>(most));
    EXPECT_NEAR(sum, expected, 1e-6 * expected);
    std::vector<float> powers = x, shares = x;
    expInPlace(powers, most);
    softmaxInPlace(shares);
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_EQ(powers[i] / sum, shares[i]);
  }
}

TEST(SoftmaxFacts, AreThoseOfTheSortedValues) {
  for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 32u, 100u}) {
    std::vector<float> x = randomFloats(count, 34, 20.0f);
    for (const bool tie : {false, true}) {
      if (tie && count > 2)
        x[count - 1] = x[0] = 25.0f;
      std::vector<float> sorted = x;
      std::ranges::sort(sorted, std::greater());
      const SoftmaxFacts facts = softmaxFacts(x);
      EXPECT_EQ(facts.largest, sorted[0]);
      EXPECT_EQ(facts.second, count > 1 ? sorted[1] : -kInfinity);
      double total = 0, weighted = 0;
      for (const float value : x) {
        const double difference = static_cast<double>(value) - static_cast<double>(sorted[0]);
        total += std::exp(difference);
        weighted += difference * std::exp(difference);
      }
      EXPECT_NEAR(facts.total, total, 2e-6 * total);
      EXPECT_NEAR(facts.weighted, weighted, 2e-6 * std::fabs(weighted) + 1e-9);
    }
    for (const float odd : {kNan, kInfinity, -kInfinity}) {
      x[count / 2] = odd;
      const SoftmaxFacts facts = softmaxFacts(x);
      EXPECT_FALSE(std::isfinite(facts.total) && std::isfinite(facts.weighted))
          << count << ' ' << odd;
    }
  }
}

TEST(SiluMul, MatchesTheFormula) {
  for (const std::size_t count : {1u, 15u, 16u, 50u}) {
    const std::vector<float> gate = randomFloats(count, 21, 20.0f);
    const std::vector<float> up = randomFloats(count, 22, 3.0f);
    std::vector<float> out(count);
    siluMul(gate, up, out);
    for (std::size_t i = 0; i < count; ++i) {
      const double g = gate[i];
      EXPECT_LE(ulps(out[i], g / (1 + std::exp(-g)) * static_cast<double>(up[i])), 3.5);
    }
    std::vector<float> inPlace = gate;
    siluMul(inPlace, up, inPlace);
    EXPECT_EQ(inPlace, out);
  }
}

TEST(ClampedGluMul, MatchesTheFormula) {
  const std::vector<float> gate = randomFloats(61, 23, 12.0f);
  const std::vector<float> up = randomFloats(61, 24, 12.0f);
  std::vector<float> out(61);
  clampedGluMul(gate, up, 1.702f, 7.0f, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double g = std::min(gate[i], 7.0f);
    const double u = std::clamp(up[i], -7.0f, 7.0f);
    const double expected = (u + 1) * g / (1 + std::exp(-1.702f * g));
    EXPECT_NEAR(out[i], expected, 2e-6 * std::fabs(expected) + 1e-9);
  }
}

TEST(Activations, DoNotDependOnTheTarget) {
  std::vector<float> xs = everyFewFloats(400009);
  for (const float special : {kInfinity, -kInfinity, kNan, 0.0f, -0.0f, 88.7f, 88.8f, -103.9f})
    xs.push_back(special);
  std::vector<std::vector<float>> expected;
  forEachTarget([&](const std::string& target) {
    std::vector<std::vector<float>> results;
    for (const std::size_t count : {xs.size(), std::size_t{37}, std::size_t{3}}) {
      const auto x = std::span<const float>(xs).last(count);
      const std::vector<float> up = randomFloats(count, 25);
      std::vector<float> out(count);
      siluMul(x, up, out);
      results.push_back(out);
      clampedGluMul(x, up, 1.702f, 7.0f, out);
      results.push_back(out);
      std::ranges::transform(x, out.begin(), [](float value) { return sigmoid(value); });
      results.push_back(out);
      out = randomFloats(count, 26, 30.0f);
      out[1] = -kInfinity;
      softmaxInPlace(out);
      results.push_back(out);
      out = randomFloats(count, 33, 30.0f);
      const float sum = sumOfExp(out, std::ranges::max(out));
      expInPlace(out, 20.0f);
      out.push_back(sum);
      results.push_back(out);
      const std::array<float, 16> largest = largestOfLanes(out);
      results.emplace_back(largest.begin(), largest.end());
      std::vector<std::int32_t> buffer;
      const auto places = placesAtLeast(out, 5.0f, buffer);
      results.emplace_back(places.begin(), places.end());
      const SoftmaxFacts facts = softmaxFacts(randomFloats(count, 35, 30.0f));
      results.push_back({facts.largest, facts.second, facts.total, facts.weighted});
    }
    if (expected.empty())
      expected = results;
    for (std::size_t i = 0; i < results.size(); ++i)
      expectSame(results[i], expected[i], target + ", result " + std::to_string(i));
  });
}

} // namespace
} // namespace switchyard::tensor
