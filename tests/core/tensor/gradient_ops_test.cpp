#include <cmath>
#include <functional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/ops/gradient_ops.h"
#include "tests/core/tensor/targets.h"

namespace switchyard::tensor {
namespace {

using test::expectSame;
using test::forEachTarget;
using test::naiveDot;
using test::randomFloats;

TEST(DotRows, EachIsADotProductTimesTheScale) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t width : {1, 16, 24, 64, 100})
      for (const std::size_t count : {1, 3, 4, 9}) {
        const std::size_t stride = width + 3;
        const std::vector<float> x = randomFloats(width, 1);
        const std::vector<float> rows = randomFloats(count * stride, 2);
        std::vector<float> out(count);
        dotRows(x, rows.data(), static_cast<std::int64_t>(stride), 0.3f, out);
        for (std::size_t j = 0; j < count; ++j)
          EXPECT_EQ(out[j], naiveDot(x, std::span(rows).subspan(j * stride, width)) * 0.3f)
              << target;
      }
  });
}

TEST(AddWeightedRows, IsOneChainPerColumn) {
  forEachTarget([](const std::string& target) {
    for (const std::size_t width : {1, 16, 40, 64, 150})
      for (const std::size_t count : {0, 1, 16, 17}) {
        const std::size_t stride = width + 1;
        constexpr std::size_t kWeightStride = 5;
        const std::vector<float> weights = randomFloats(count * kWeightStride + 1, 3);
        const std::vector<float> rows = randomFloats(count * stride + 1, 4);
        std::vector<float> out = randomFloats(width, 5);
        std::vector<float> expected = out;
        for (std::size_t i = 0; i < count; ++i)
          for (std::size_t c = 0; c < width; ++c)
            expected[c] = std::fma(weights[i * kWeightStride], rows[i * stride + c], expected[c]);
        addWeightedRows(weights.data(), kWeightStride, rows.data(),
                        static_cast<std::int64_t>(stride), static_cast<std::int64_t>(count), out);
        expectSame(out, expected, target);
      }
  });
}

double silu(double g, double u) {
  return g / (1.0 + std::exp(-g)) * u;
}

double clamped(double g, double u) {
  g = std::min(g, 1.5);
  u = std::clamp(u, -1.5, 1.5);
  return (u + 1.0) * g / (1.0 + std::exp(-1.702 * g));
}

/// Compares with central differences of the formula in double, and the bits of all targets.
void checkGradient(const std::function<float(std::span<float>, std::span<float>,
                                             std::span<const float>, float)>& op,
                   double (*formula)(double, double)) {
  for (const std::size_t count : {1, 16, 37}) {
    const std::vector<float> gate = randomFloats(count, 6, 4.0f);
    const std::vector<float> up = randomFloats(count, 7, 4.0f);
    const std::vector<float> d = randomFloats(count, 8);
    constexpr float kScale = 0.7f;
    std::vector<float> first;
    forEachTarget([&](const std::string& target) {
      std::vector<float> dGate = gate;
      std::vector<float> dUp = up;
      const float product = op(dGate, dUp, d, kScale);
      double wanted = 0;
      constexpr double kStep = 1e-5;
      for (std::size_t i = 0; i < count; ++i) {
        const double g = gate[i];
        const double u = up[i];
        wanted += formula(g, u) * d[i];
        const double by = kScale * d[i] / (2 * kStep);
        EXPECT_NEAR(dGate[i], (formula(g + kStep, u) - formula(g - kStep, u)) * by, 2e-6);
        EXPECT_NEAR(dUp[i], (formula(g, u + kStep) - formula(g, u - kStep)) * by, 2e-6);
      }
      EXPECT_NEAR(product, wanted, 1e-5);
      std::vector<float> all = dGate;
      all.insert(all.end(), dUp.begin(), dUp.end());
      all.push_back(product);
      if (first.empty())
        first = all;
      expectSame(all, first, target);
    });
  }
}

TEST(SiluMulGradient, IsTheDerivative) {
  checkGradient(siluMulGradient, silu);
}

TEST(ClampedGluGradient, IsTheDerivativeAndNothingPassesAClamp) {
  checkGradient([](std::span<float> gate, std::span<float> up, std::span<const float> d,
                   float scale) { return clampedGluGradient(gate, up, 1.702f, 1.5f, d, scale); },
                clamped);
  std::vector<float> gate = {2.0f, 1.5f, -9.0f};
  std::vector<float> up = {-2.0f, 1.5f, 2.0f};
  const std::vector<float> d = {1.0f, 1.0f, 1.0f};
  clampedGluGradient(gate, up, 1.702f, 1.5f, d, 1.0f);
  EXPECT_EQ(gate[0], 0.0f);
  EXPECT_EQ(up[0], 0.0f);
  EXPECT_NE(gate[1], 0.0f); // at the limit it still passes
  EXPECT_NE(up[1], 0.0f);
  EXPECT_NE(gate[2], 0.0f); // the gate has no lower clamp
  EXPECT_EQ(up[2], 0.0f);
}

} // namespace
} // namespace switchyard::tensor
