// Values worked by hand or computed from the formats' definitions in double.

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/checkpoint/dequantize.h"

namespace switchyard::checkpoint {
namespace {

using base::ErrorCode;
using tensor::DType;

std::vector<std::byte> bytesOf(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values)
    bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

/// From a format's definition: sign, exponent and fraction fields, in double.
double fromFields(unsigned bits, int exponentBits, int fractionBits, int bias) {
  const unsigned fraction = bits & ((1u << fractionBits) - 1);
  const unsigned exponent = bits >> fractionBits & ((1u << exponentBits) - 1);
  const double significand =
      static_cast<double>(fraction) / (1u << fractionBits) + (exponent ? 1.0 : 0.0);
  const double magnitude =
      significand * std::pow(2.0, static_cast<int>(exponent ? exponent : 1) - bias);
  return bits >> (fractionBits + exponentBits) & 1 ? -magnitude : magnitude;
}

TEST(Dequantize, AllFp8Codes) {
  for (unsigned code = 0; code < 256; ++code) {
    const float value = fp8E4M3ToF32(static_cast<std::byte>(code));
    if ((code & 0x7F) == 0x7F) {
      EXPECT_TRUE(std::isnan(value)) << code;
      continue;
    }
    EXPECT_EQ(value, fromFields(code, 4, 3, 7)) << code;
    EXPECT_EQ(std::signbit(value), code >= 0x80) << code;
  }
  EXPECT_EQ(fp8E4M3ToF32(std::byte{0x7E}), 448.0f);
  EXPECT_EQ(fp8E4M3ToF32(std::byte{0x01}), 0x1p-9f);
  EXPECT_EQ(fp8E4M3ToF32(std::byte{0x38}), 1.0f);
}

TEST(Dequantize, AllF16Codes) {
  for (unsigned code = 0; code < 65536; ++code) {
    const auto stored = bytesOf({static_cast<int>(code & 0xFF), static_cast<int>(code >> 8)});
    float value = 0;
    ASSERT_TRUE(toF32(DType::F16, stored, {&value, 1}));
    if ((code >> 10 & 0x1F) == 0x1F) {
      EXPECT_EQ(std::isnan(value), (code & 0x3FF) != 0) << code;
      EXPECT_EQ(std::isinf(value), (code & 0x3FF) == 0) << code;
    } else {
      EXPECT_EQ(value, fromFields(code, 5, 10, 15)) << code;
    }
    EXPECT_EQ(std::signbit(value), code >= 0x8000) << code;
  }
}

TEST(Dequantize, Bf16IsTheUpperHalfOfF32) {
  std::array<float, 3> values{};
  ASSERT_TRUE(toF32(DType::BF16, bytesOf({0x80, 0x3F, 0x20, 0xC1, 0x80, 0x7F}), values));
  EXPECT_EQ(values, (std::array<float, 3>{1.0f, -10.0f, std::numeric_limits<float>::infinity()}));
}

TEST(Dequantize, WideTypesAtAnyAlignment) {
  const std::array<double, 2> wide = {0.1, -1e300};
  std::vector<std::byte> stored(1 + sizeof wide);
  std::memcpy(stored.data() + 1, wide.data(), sizeof wide);
  std::array<float, 2> values{};
  ASSERT_TRUE(toF32(DType::F64, std::span(stored).subspan(1), values));
  EXPECT_EQ(values[0], 0.1f);
  EXPECT_EQ(values[1], -std::numeric_limits<float>::infinity());

  const std::array<float, 2> plain = {3.25f, -0.0f};
  std::memcpy(stored.data() + 1, plain.data(), sizeof plain);
  ASSERT_TRUE(toF32(DType::F32, std::span(stored).subspan(1, 8), values));
  EXPECT_EQ(values[0], 3.25f);
  EXPECT_TRUE(std::signbit(values[1]));
  EXPECT_TRUE(toF32(DType::F32, {}, {}));
}

TEST(Dequantize, OtherTypesAndWrongSizesAreRefused) {
  const auto stored = bytesOf({1, 2, 3, 4});
  std::array<float, 4> values{};
  for (const DType dtype : {DType::I8, DType::U8, DType::F8E5M2, DType::Bool}) {
    const auto result = toF32(dtype, stored, values);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Unsupported);
  }
  EXPECT_FALSE(toF32(DType::F4, stored, values));
  for (const DType dtype : {DType::F32, DType::F16, DType::F64}) {
    const auto result = toF32(dtype, stored, values);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
  }
}

TEST(Dequantize, Fp8BlocksCountFromTheFirstRowAndColumn) {
  // 3 x 5 of blocks 2 x 3: scale grid [[2, 3], [5, 7]]. Codes are 1.0 but for one 448.
  std::vector<std::byte> codes(15, std::byte{0x38});
  codes[14] = std::byte{0x7E};
  const std::array<float, 4> scales = {2, 3, 5, 7};
  std::array<float, 15> out{};
  ASSERT_TRUE(fp8BlockToF32(codes, scales, 3, 5, 2, 3, out));
  EXPECT_EQ(out, (std::array<float, 15>{2, 2, 2, 3, 3, //
                                        2, 2, 2, 3, 3, //
                                        5, 5, 5, 7, 448 * 7}));
}

TEST(Dequantize, Fp8PartialBlocksOf128) {
  // 160 = 128 + 32 in both directions, as in the golden checkpoint.
  constexpr std::int64_t kSize = 160;
  std::vector<std::byte> codes(kSize * kSize);
  for (std::size_t i = 0; i < codes.size(); ++i)
    codes[i] = static_cast<std::byte>(i % 127);
  const std::array<float, 4> scales = {0.5f, 1.25f, 3.0f, 1e-3f};
  std::vector<float> out(codes.size());
  ASSERT_TRUE(fp8BlockToF32(codes, scales, kSize, kSize, 128, 128, out));
  for (std::size_t r = 0; r < kSize; ++r)
    for (std::size_t c = 0; c < kSize; ++c) {
      const std::size_t i = r * kSize + c;
      const auto code = std::to_integer<unsigned>(codes[i]);
      EXPECT_EQ(out[i], static_cast<float>(fromFields(code, 4, 3, 7)) *
                            scales[(r >= 128 ? 2 : 0) + (c >= 128 ? 1 : 0)]);
    }
}

TEST(Dequantize, Fp8SizesMustAgree) {
  const std::vector<std::byte> codes(6);
  std::array<float, 6> out{};
  const std::array<float, 4> scales{};
  const auto code = [&](std::size_t scaleCount, std::int64_t rows, std::int64_t columns,
                        std::int64_t blockRows, std::int64_t blockColumns) {
    const auto result = fp8BlockToF32(codes, std::span(scales).first(scaleCount), rows, columns,
                                      blockRows, blockColumns, out);
    return result ? ErrorCode::Internal : result.error().code;
  };
  EXPECT_EQ(code(2, 2, 3, 1, 3), ErrorCode::Internal) << "these agree";
  EXPECT_EQ(code(2, 2, 3, 2, 3), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(3, 2, 3, 1, 2), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(1, 3, 3, 3, 3), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(1, 2, 3, 0, 3), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(1, -2, -3, 2, 3), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(1, std::int64_t{1} << 62, 8, 1, 1), ErrorCode::InvalidArgument);
  EXPECT_TRUE(fp8BlockToF32({}, {}, 0, 5, 2, 2, {}));
}

TEST(Dequantize, Mxfp4NibblesAndScales) {
  // Every code once: byte j holds codes 2j (low) and 2j + 1 (high), twice over; scale 2^(128-127).
  std::vector<std::byte> codes;
  for (int repeat = 0; repeat < 2; ++repeat)
    for (int j = 0; j < 8; ++j)
      codes.push_back(static_cast<std::byte>(2 * j | (2 * j + 1) << 4));
  std::array<std::uint16_t, 32> out{};
  ASSERT_TRUE(mxfp4ToBf16(codes, bytesOf({128}), out));
  const std::array<float, 8> doubled = {0, 1, 2, 3, 4, 6, 8, 12};
  for (std::size_t i = 0; i < 32; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(out[i]) << 16);
    const float expected = i % 16 < 8 ? doubled[i % 8] : -doubled[i % 8];
    EXPECT_EQ(value, expected) << i;
    EXPECT_EQ(std::signbit(value), i % 16 >= 8) << i;
  }
}

TEST(Dequantize, Mxfp4EveryExponent) {
  const std::array<double, 8> magnitudes = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  std::vector<std::byte> codes(256 * 16);
  std::vector<std::byte> exponents(256);
  for (std::size_t e = 0; e < 256; ++e) {
    exponents[e] = static_cast<std::byte>(e);
    for (std::size_t j = 0; j < 16; ++j)
      codes[e * 16 + j] = static_cast<std::byte>(j << 4 | (15 - j));
  }
  std::vector<std::uint16_t> out(256 * 32);
  ASSERT_TRUE(mxfp4ToBf16(codes, exponents, out));
  for (std::size_t e = 0; e < 256; ++e)
    for (std::size_t i = 0; i < 32; ++i) {
      const std::size_t code = i % 2 == 0 ? 15 - i / 2 : i / 2;
      const float value = std::bit_cast<float>(static_cast<std::uint32_t>(out[e * 32 + i]) << 16);
      if (e == 255) {
        EXPECT_TRUE(std::isnan(value)) << code;
        continue;
      }
      const double exact =
          magnitudes[code % 8] * std::pow(2.0, static_cast<int>(e) - 127) * (code < 8 ? 1 : -1);
      const double limit = std::numeric_limits<float>::max();
      if (std::abs(exact) > limit)
        EXPECT_EQ(value, exact > 0 ? HUGE_VALF : -HUGE_VALF) << e << " " << code;
      else
        EXPECT_EQ(value, exact) << e << " " << code;
    }
}

TEST(Dequantize, Mxfp4SizesMustAgree) {
  std::array<std::uint16_t, 32> out{};
  const std::vector<std::byte> codes(16);
  EXPECT_FALSE(mxfp4ToBf16(codes, {}, out));
  EXPECT_FALSE(mxfp4ToBf16(codes, bytesOf({1, 2}), out));
  EXPECT_FALSE(mxfp4ToBf16(std::span(codes).first(15), bytesOf({1}), out));
  EXPECT_FALSE(mxfp4ToBf16(codes, bytesOf({1}), std::span(out).first(31)));
  EXPECT_TRUE(mxfp4ToBf16({}, {}, {}));
}

} // namespace
} // namespace switchyard::checkpoint
