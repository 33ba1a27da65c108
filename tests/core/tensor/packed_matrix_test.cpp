#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/half.h"
#include "core/tensor/packed_matrix.h"

namespace switchyard::tensor {
namespace {

TEST(Half, WidensEveryValueExactly) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const int mantissa = static_cast<int>(bits & 1023);
    const float wide = fromF16(half);
    EXPECT_EQ(std::signbit(wide), bits >= 0x8000);
    if (exponent == 31)
      EXPECT_TRUE(mantissa != 0 ? std::isnan(wide) : std::isinf(wide));
    else
      EXPECT_EQ(std::fabs(wide), exponent == 0 ? std::ldexp(mantissa, -24)
                                               : std::ldexp(1024 + mantissa, exponent - 25));
  }
  EXPECT_EQ(fromBf16(0x3FC0), 1.5f);
  EXPECT_EQ(fromBf16(0xFF80), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(fromBf16(0x7FC0)));
}

TEST(PackedMatrix, KeepsEveryElementAndPadsWithZeros) {
  constexpr std::int64_t kRows = 37;
  constexpr std::int64_t kColumns = 5;
  std::vector<float> source(kRows * kColumns);
  for (std::size_t i = 0; i < source.size(); ++i)
    source[i] = static_cast<float>(i) + 1;
  // In uneven pieces, whole panels among them.
  for (const std::vector<std::int64_t>& cuts :
       {std::vector<std::int64_t>{0, 37}, {0, 1, 17, 37}, {0, 16, 32, 33, 37}}) {
    auto matrix = PackedMatrix::create(kRows, kColumns, DType::F32);
    ASSERT_TRUE(matrix);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
      matrix->pack(cuts[i], std::as_bytes(std::span(source).subspan(
                                static_cast<std::size_t>(cuts[i] * kColumns),
                                static_cast<std::size_t>((cuts[i + 1] - cuts[i]) * kColumns))));
    EXPECT_EQ(matrix->panels(), 3);
    for (std::int64_t row = 0; row < 48; ++row)
      for (std::int64_t c = 0; c < kColumns; ++c) {
        float value = 0;
        std::memcpy(&value, matrix->panel(row / 16) + (c * 16 + row % 16) * 4, 4);
        EXPECT_EQ(value, row < kRows ? source[static_cast<std::size_t>(row * kColumns + c)] : 0.0f);
      }
    std::vector<float> row(kColumns);
    matrix->unpackRow(36, row);
    EXPECT_EQ(row, std::vector<float>(source.end() - kColumns, source.end()));
  }
}

TEST(PackedMatrix, PairsTheColumnsOfBf16) {
  constexpr std::int64_t kRows = 37;
  for (const std::int64_t columns : {1, 4, 5}) {
    std::vector<std::uint16_t> source(static_cast<std::size_t>(kRows * columns));
    for (std::size_t i = 0; i < source.size(); ++i)
      source[i] = static_cast<std::uint16_t>(i + 1);
    for (const std::vector<std::int64_t>& cuts :
         {std::vector<std::int64_t>{0, 37}, {0, 1, 17, 37}, {0, 16, 32, 33, 37}}) {
      auto matrix = PackedMatrix::create(kRows, columns, DType::BF16);
      ASSERT_TRUE(matrix);
      for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
        matrix->pack(cuts[i], std::as_bytes(std::span(source).subspan(
                                  static_cast<std::size_t>(cuts[i] * columns),
                                  static_cast<std::size_t>((cuts[i + 1] - cuts[i]) * columns))));
      const std::int64_t pairs = (columns + 1) / 2;
      EXPECT_EQ(matrix->panelElements(), pairs * 32);
      for (std::int64_t row = 0; row < 48; ++row)
        for (std::int64_t c = 0; c < 2 * pairs; ++c) {
          std::uint16_t bits = 0;
          std::memcpy(&bits, matrix->panel(row / 16) + (c / 2 * 32 + row % 16 * 2 + c % 2) * 2, 2);
          const bool there = row < kRows && c < columns;
          EXPECT_EQ(bits, there ? row * columns + c + 1 : 0) << row << " " << c;
        }
    }
  }
}

TEST(PackedMatrix, UnpacksHalves) {
  const std::vector<std::uint16_t> source{0x3C00, 0xC000, 0x0001, 0x7C00};
  for (const DType dtype : {DType::F16, DType::BF16}) {
    auto matrix = PackedMatrix::create(2, 2, dtype);
    ASSERT_TRUE(matrix);
    matrix->pack(0, std::as_bytes(std::span(source)));
    std::vector<float> row(2);
    matrix->unpackRow(1, row);
    for (std::size_t c = 0; c < 2; ++c)
      EXPECT_EQ(row[c], dtype == DType::F16 ? fromF16(source[2 + c]) : fromBf16(source[2 + c]));
  }
}

TEST(PackedMatrix, RefusesWhatItCannotHold) {
  const auto codeOf = [](std::int64_t rows, std::int64_t columns, DType dtype) {
    const auto matrix = PackedMatrix::create(rows, columns, dtype);
    return matrix ? base::ErrorCode::Internal : matrix.error().code;
  };
  EXPECT_EQ(codeOf(4, 4, DType::I8), base::ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf(-1, 4, DType::F32), base::ErrorCode::InvalidArgument);
  EXPECT_EQ(codeOf(4, -1, DType::F32), base::ErrorCode::InvalidArgument);
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(codeOf(kHuge, 1, DType::F32), base::ErrorCode::LimitExceeded);
  EXPECT_EQ(codeOf(1 << 30, kHuge / 64, DType::F32), base::ErrorCode::LimitExceeded);
  EXPECT_EQ(codeOf(1, kHuge / 64, DType::F32), base::ErrorCode::LimitExceeded);
  EXPECT_TRUE(PackedMatrix::create(0, 0, DType::F32));
}

} // namespace
} // namespace switchyard::tensor
