#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/ops/matmul_transposed.h"
#include "tests/core/tensor/targets.h"

namespace switchyard::tensor {
namespace {

using test::expectSame;
using test::forEachTarget;
using test::randomFloats;
using test::treeSum;

constexpr float kUntouched = 12345.0f;

PackedMatrix makeWeights(std::int64_t rows, std::int64_t columns, DType dtype) {
  const std::vector<float> values = randomFloats(static_cast<std::size_t>(rows * columns), 7);
  PackedMatrix packed = *PackedMatrix::create(rows, columns, dtype);
  if (dtype == DType::F32) {
    packed.pack(0, std::as_bytes(std::span(values)));
    return packed;
  }
  std::vector<std::uint16_t> bits(values.size());
  std::ranges::transform(values, bits.begin(), [dtype](float value) {
    const auto high = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
    return dtype == DType::F16 ? static_cast<std::uint16_t>(high & 0xBBFF) : high; // finite
  });
  packed.pack(0, std::as_bytes(std::span(bits)));
  return packed;
}

/// The rule of matmul_transposed.h, written down.
std::vector<float> naive(const PackedMatrix& w, const float* dy, std::int64_t m, std::int64_t ldy,
                         std::int64_t ldx) {
  const auto n = static_cast<std::size_t>(w.rows());
  const auto k = static_cast<std::size_t>(w.columns());
  std::vector<float> plain(n * k);
  for (std::size_t j = 0; j < n; ++j)
    w.unpackRow(static_cast<std::int64_t>(j), std::span(plain).subspan(j * k, k));
  std::vector<float> dx(static_cast<std::size_t>(m * ldx), kUntouched);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::size_t c = 0; c < k; ++c) {
      float chains[16] = {};
      for (std::size_t j = 0; j < n; ++j)
        chains[j % 16] =
            std::fma(dy[i * ldy + static_cast<std::int64_t>(j)], plain[j * k + c], chains[j % 16]);
      dx[static_cast<std::size_t>(i * ldx) + c] = treeSum(chains);
    }
  return dx;
}

class MatmulTransposed
    : public testing::TestWithParam<std::tuple<DType, std::int64_t, std::int64_t>> {};

TEST_P(MatmulTransposed, IsSixteenChainsAndTheFixedTreeOnEveryTarget) {
  const auto [dtype, n, k] = GetParam();
  const PackedMatrix w = makeWeights(n, k, dtype);
  constexpr std::int64_t kMaxRows = 53; // more than one chunk
  const std::int64_t ldy = n + 3;
  const std::int64_t ldx = k + 5;
  const std::vector<float> storage = randomFloats(static_cast<std::size_t>(kMaxRows * ldy + 1), 11);
  const float* dy = storage.data() + 1; // not aligned to a vector
  const std::vector<float> expected = naive(w, dy, kMaxRows, ldy, ldx);
  forEachTarget([&, k = k](const std::string& target) {
    for (const std::int64_t m : {1, 2, 3, 4, 5, 6, 7, 13, 48, 49, 53}) {
      std::vector<float> dx(static_cast<std::size_t>(m * ldx), kUntouched);
      matmulTransposed(w, dy, m, ldy, dx.data(), ldx, 0, k, Into::Replace);
      expectSame(dx, std::span(expected).first(dx.size()), target + ", m = " + std::to_string(m));
    }
    // Cut into columns, each part leaves the others alone; then added once more.
    const std::int64_t cut = k / 3;
    std::vector<float> dx(expected.size(), kUntouched);
    matmulTransposed(w, dy, kMaxRows, ldy, dx.data(), ldx, cut, k, Into::Replace);
    for (std::int64_t i = 0; i < kMaxRows; ++i)
      for (std::int64_t c = 0; c < cut; ++c)
        ASSERT_EQ(dx[static_cast<std::size_t>(i * ldx + c)], kUntouched);
    matmulTransposed(w, dy, kMaxRows, ldy, dx.data(), ldx, 0, cut, Into::Replace);
    expectSame(dx, expected, target + ", cut");
    matmulTransposed(w, dy, kMaxRows, ldy, dx.data(), ldx, 0, k, Into::Add);
    for (std::int64_t i = 0; i < kMaxRows; ++i)
      for (std::int64_t c = 0; c < ldx; ++c) {
        const auto at = static_cast<std::size_t>(i * ldx + c);
        ASSERT_EQ(dx[at], c < k ? 2 * expected[at] : kUntouched) << target;
      }
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatmulTransposed,
                         testing::Combine(testing::Values(DType::F32, DType::BF16, DType::F16),
                                          testing::Values(1, 16, 21, 1100),
                                          testing::Values(1, 4, 31)));

} // namespace
} // namespace switchyard::tensor
