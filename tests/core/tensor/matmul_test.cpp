#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/half.h"
#include "tests/core/tensor/targets.h"

namespace switchyard::tensor {
namespace {

using test::expectSame;
using test::forEachTarget;
using test::randomFloats;

constexpr float kUntouched = 12345.0f;

struct Weights {
  PackedMatrix packed;
  std::vector<float> plain; ///< row-major, widened
};

Weights makeWeights(std::int64_t rows, std::int64_t columns, DType dtype, std::uint64_t seed) {
  Weights weights;
  weights.plain = randomFloats(static_cast<std::size_t>(rows * columns), seed);
  weights.packed = *PackedMatrix::create(rows, columns, dtype);
  if (dtype == DType::F32) {
    weights.packed.pack(0, std::as_bytes(std::span(weights.plain)));
    return weights;
  }
  std::vector<std::uint16_t> bits(weights.plain.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    // Any finite pattern of the type, subnormals included.
    bits[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(weights.plain[i]) >> 16);
    if (dtype == DType::F16)
      bits[i] = static_cast<std::uint16_t>((bits[i] & 0x83FF) | (i % 29) << 10);
    weights.plain[i] = dtype == DType::BF16 ? fromBf16(bits[i]) : fromF16(bits[i]);
  }
  weights.packed.pack(0, std::as_bytes(std::span(bits)));
  return weights;
}

/// The rule of matmul.h, written down: one chain of FMAs per output.
std::vector<float> naive(const Weights& w, const float* x, std::int64_t m, std::int64_t ldx,
                         std::int64_t ldy) {
  const std::int64_t n = w.packed.rows();
  const std::int64_t k = w.packed.columns();
  std::vector<float> y(static_cast<std::size_t>(m * ldy), kUntouched);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      float sum = 0;
      for (std::int64_t c = 0; c < k; ++c)
        sum = std::fma(x[i * ldx + c], w.plain[static_cast<std::size_t>(j * k + c)], sum);
      y[static_cast<std::size_t>(i * ldy + j)] = sum;
    }
  return y;
}

class Matmul : public testing::TestWithParam<std::tuple<DType, std::int64_t, std::int64_t>> {};

TEST_P(Matmul, IsOneChainPerOutputOnEveryTarget) {
  const auto [dtype, n, k] = GetParam();
  const Weights w = makeWeights(n, k, dtype, 7);
  constexpr std::int64_t kMaxRows = 40;
  const std::int64_t ldx = k + 3;
  const std::int64_t ldy = n + 5;
  // One float past an aligned start, so that nothing is aligned to a vector.
  const std::vector<float> storage = randomFloats(static_cast<std::size_t>(kMaxRows * ldx + 1), 11);
  const float* x = storage.data() + 1;
  const std::vector<float> expected = naive(w, x, kMaxRows, ldx, ldy);
  const std::int64_t panels = w.packed.panels();
  forEachTarget([&, n = n](const std::string& target) {
    for (std::int64_t m = 1; m <= kMaxRows; ++m) {
      const auto cells = static_cast<std::size_t>(m * ldy);
      std::vector<float> y(cells + 1, kUntouched);
      matmul(w.packed, x, m, ldx, y.data() + 1, ldy, 0, panels);
      expectSame(std::span(y).subspan(1), std::span(expected).first(cells),
                 target + ", m = " + std::to_string(m));
    }
    // Split into panels, each leaves the others alone.
    for (std::int64_t cut = 0; cut <= panels; ++cut) {
      std::vector<float> y(expected.size(), kUntouched);
      matmul(w.packed, x, kMaxRows, ldx, y.data(), ldy, cut, panels);
      for (std::int64_t i = 0; i < kMaxRows; ++i)
        for (std::int64_t j = 0; j < std::min(cut * 16, n); ++j)
          ASSERT_EQ(y[static_cast<std::size_t>(i * ldy + j)], kUntouched);
      matmul(w.packed, x, kMaxRows, ldx, y.data(), ldy, 0, cut);
      expectSame(y, expected, target + ", cut at panel " + std::to_string(cut));
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, Matmul,
                         testing::Combine(testing::Values(DType::F32, DType::BF16, DType::F16),
                                          testing::Values(1, 16, 17, 150),
                                          testing::Values(1, 2, 31, 257)));

TEST(MatmulManyRows, ChunksOfRowsAndColumnsKeepTheChain) {
  for (const std::int64_t k : {255, 256, 600}) {
    const Weights w = makeWeights(50, k, DType::BF16, 3);
    constexpr std::int64_t kRows = 205;
    const std::vector<float> x = randomFloats(static_cast<std::size_t>(kRows * k), 5);
    const std::vector<float> expected = naive(w, x.data(), kRows, k, 50);
    forEachTarget([&](const std::string& target) {
      for (const std::int64_t m : {48, 95, 96, 97, 193, 205}) {
        std::vector<float> y(static_cast<std::size_t>(m * 50), kUntouched);
        matmul(w.packed, x.data(), m, k, y.data(), 50, 0, 4);
        expectSame(y, std::span(expected).first(y.size()), target + ", m = " + std::to_string(m));
      }
    });
  }
}

TEST(MatmulLimits, InfinityAndNanStayInTheirRows) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const DType dtype : {DType::F32, DType::BF16, DType::F16}) {
    const Weights w = makeWeights(20, 9, dtype, 13);
    std::vector<float> x = randomFloats(14 * 9, 17);
    x[3] = kInfinity;
    x[9 + 4] = kNan;
    x[18 + 1] = kInfinity;
    x[18 + 2] = -kInfinity;
    x[27 + 5] = 1e-45f;
    x[36 + 5] = -std::numeric_limits<float>::max();
    const std::vector<float> expected = naive(w, x.data(), 14, 9, 20);
    EXPECT_FALSE(std::isfinite(expected[0]));
    EXPECT_TRUE(std::isnan(expected[20]));
    forEachTarget([&](const std::string& target) {
      for (const std::int64_t m : {3, 14}) {
        std::vector<float> y(static_cast<std::size_t>(m * 20));
        matmul(w.packed, x.data(), m, 9, y.data(), 20, 0, 2);
        expectSame(y, std::span(expected).first(y.size()), target);
      }
    });
  }
}

TEST(MatmulLimits, EmptyShapes) {
  const Weights noColumns = makeWeights(3, 0, DType::F32, 1);
  std::vector<float> y(6, kUntouched);
  const float x = 1.0f;
  matmul(noColumns.packed, &x, 0, 0, y.data(), 3, 0, 1);
  EXPECT_EQ(y, std::vector<float>(6, kUntouched));
  matmul(noColumns.packed, &x, 2, 0, y.data(), 3, 0, 1);
  EXPECT_EQ(y, std::vector<float>(6, 0.0f));
}

TEST(KernelTarget, TheFallbackAndTheBestOneAreTested) {
  const std::string best(kernelTarget());
  std::vector<std::string> tested;
  forEachTarget([&](const std::string& target) { tested.push_back(target); });
  EXPECT_EQ(tested.back(), best);
  EXPECT_TRUE(tested.front() == "SCALAR" || tested.front() == "EMU128" || tested.size() == 1);
  EXPECT_EQ(kernelTarget(), best);
  RecordProperty("targets", testing::PrintToString(tested));
  std::printf("targets: %s\n", testing::PrintToString(tested).c_str());
}

} // namespace
} // namespace switchyard::tensor
