#include <cmath>
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
using test::naiveDot;
using test::randomFloats;
using test::treeSum;

constexpr std::size_t kCounts[] = {1, 2, 15, 16, 17, 31, 48, 100, 1000};

TEST(Dot, IsSixteenChainsAndTheFixedTree) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t count : kCounts) {
      const std::vector<float> a = randomFloats(count + 1, 1);
      const std::vector<float> b = randomFloats(count + 1, 2);
      const auto x = std::span<const float>(a).subspan(1); // not aligned to a vector
      const auto y = std::span<const float>(b).subspan(1);
      EXPECT_EQ(dot(x, y), naiveDot(x, y)) << target << ", " << count;
      EXPECT_EQ(sumOfSquares(x), naiveDot(x, x)) << target << ", " << count;
      EXPECT_EQ(l2Norm(x), std::sqrt(naiveDot(x, x))) << target << ", " << count;
    }
  });
  EXPECT_EQ(dot({}, {}), 0.0f);
}

TEST(RmsNorm, FollowsTheFormulaOnEveryTarget) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t count : kCounts) {
      const std::vector<float> x = randomFloats(count, 3);
      const std::vector<float> weight = randomFloats(count, 4);
      const float mean = naiveDot(x, x) / static_cast<float>(count);
      const float scale = 1.0f / std::sqrt(mean + 1e-5f);
      std::vector<float> expected(count);
      for (std::size_t i = 0; i < count; ++i)
        expected[i] = x[i] * scale * weight[i];
      std::vector<float> out = x;
      rmsNorm(out, weight, 1e-5f, out);
      expectSame(out, expected, target);
    }
  });
}

TEST(LayerNorm, FollowsTheFormulaOnEveryTarget) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t count : kCounts) {
      const std::vector<float> x = randomFloats(count, 5);
      const std::vector<float> weight = randomFloats(count, 6);
      const std::vector<float> bias = randomFloats(count, 7);
      float lanes[16] = {};
      for (std::size_t i = 0; i < count; ++i)
        lanes[i % 16] += x[i];
      const float mean = treeSum(lanes) / static_cast<float>(count);
      std::vector<float> deviation(count);
      for (std::size_t i = 0; i < count; ++i)
        deviation[i] = x[i] - mean;
      const float variance = naiveDot(deviation, deviation) / static_cast<float>(count);
      const float scale = 1.0f / std::sqrt(variance + 1e-5f);
      std::vector<float> expected(count);
      for (std::size_t i = 0; i < count; ++i)
        expected[i] = std::fma(deviation[i] * scale, weight[i], bias[i]);
      std::vector<float> out = x;
      layerNorm(out, weight, bias, 1e-5f, out);
      expectSame(out, expected, target);
    }
  });
}

TEST(Elementwise, EveryElementOnEveryTarget) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t count : kCounts) {
      const std::vector<float> x = randomFloats(count, 8, 2.0f);
      const std::vector<float> y = randomFloats(count, 9, 2.0f);
      std::vector<float> added = y, fused = y, scaled = y, clamped = y;
      addInPlace(added, x);
      addScaled(fused, x, 0.3f);
      scaleInPlace(scaled, 0.3f);
      clampInPlace(clamped, 0.7f);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(added[i], y[i] + x[i]) << target;
        EXPECT_EQ(fused[i], std::fma(x[i], 0.3f, y[i])) << target;
        EXPECT_EQ(scaled[i], y[i] * 0.3f) << target;
        EXPECT_EQ(clamped[i], std::min(std::max(y[i], -0.7f), 0.7f)) << target;
      }
    }
  });
}

TEST(Elementwise, ClampKeepsNanAndBoundsInfinity) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  forEachTarget([&](const std::string& target) {
    std::vector<float> x{kInfinity, -kInfinity, std::nanf(""), -0.0f};
    clampInPlace(x, 5.0f);
    expectSame(x, std::vector<float>{5.0f, -5.0f, std::nanf(""), -0.0f}, target);
  });
}

} // namespace
} // namespace switchyard::tensor
