#include "core/checkpoint/dequantize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using tensor::DType;

float bf16ToF32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float f16ToF32(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1Fu;
  const std::uint32_t fraction = bits & 0x3FFu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFFu : exponent + 127 - 15;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

std::array<float, 256> makeFp8Table() {
  std::array<float, 256> table{};
  for (int code = 0; code < 256; ++code) {
    const int exponent = code >> 3 & 0xF;
    const int fraction = code & 7;
    float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -9)
                                    : std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
    if (exponent == 0xF && fraction == 7)
      magnitude = std::numeric_limits<float>::quiet_NaN();
    table[static_cast<std::size_t>(code)] = code & 0x80 ? -magnitude : magnitude;
  }
  return table;
}

const std::array<float, 256>& fp8Table() {
  static const std::array<float, 256> table = makeFp8Table();
  return table;
}

/// The sixteen values of each exponent as bfloat16 bits: [exponent][code].
std::array<std::array<std::uint16_t, 16>, 256> makeMxfp4Table() {
  constexpr std::array<float, 8> kMagnitudes = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  std::array<std::array<std::uint16_t, 16>, 256> table{};
  for (int exponent = 0; exponent < 256; ++exponent)
    for (unsigned code = 0; code < 16; ++code) {
      const float magnitude = exponent == 255 ? std::numeric_limits<float>::quiet_NaN()
                                              : std::ldexp(kMagnitudes[code & 7], exponent - 127);
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(magnitude) | (code & 8u) << 28;
      table[static_cast<std::size_t>(exponent)][code] = static_cast<std::uint16_t>(bits >> 16);
    }
  return table;
}

template <typename Stored, typename Convert>
void widen(std::span<const std::byte> stored, std::span<float> out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored value;
    std::memcpy(&value, stored.data() + i * sizeof value, sizeof value);
    out[i] = convert(value);
  }
}

Result<void> sizesDisagree(std::size_t stored, std::size_t out) {
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} stored bytes do not make {} elements", stored, out));
}

} // namespace

float fp8E4M3ToF32(std::byte code) {
  return fp8Table()[std::to_integer<std::size_t>(code)];
}

Result<void> toF32(DType dtype, std::span<const std::byte> stored, std::span<float> out) {
  const auto bytes = static_cast<std::size_t>(tensor::bitsOf(dtype)) / 8;
  if (bytes == 0 || stored.size() % bytes != 0 || stored.size() / bytes != out.size())
    return sizesDisagree(stored.size(), out.size());
  switch (dtype) {
  case DType::F32:
    if (!out.empty())
      std::memcpy(out.data(), stored.data(), stored.size());
    return {};
  case DType::F16:
    widen<std::uint16_t>(stored, out, f16ToF32);
    return {};
  case DType::BF16:
    widen<std::uint16_t>(stored, out, bf16ToF32);
    return {};
  case DType::F64:
    widen<double>(stored, out, [](double value) { return static_cast<float>(value); });
    return {};
  case DType::F8E4M3:
    widen<std::byte>(stored, out, fp8E4M3ToF32);
    return {};
  default:
    return fail(
        ErrorCode::Unsupported,
        fmt::format("elements stored as {} cannot be read as numbers here", tensor::name(dtype)));
  }
}

Result<void> fp8BlockToF32(std::span<const std::byte> codes, std::span<const float> scales,
                           std::int64_t rows, std::int64_t columns, std::int64_t blockRows,
                           std::int64_t blockColumns, std::span<float> out) {
  if (rows < 0 || columns < 0 || blockRows <= 0 || blockColumns <= 0)
    return fail(ErrorCode::InvalidArgument, "block FP8 of a negative size");
  const auto blocksIn = [](std::int64_t size, std::int64_t block) {
    return static_cast<std::size_t>(size / block + (size % block != 0 ? 1 : 0));
  };
  const auto width = static_cast<std::size_t>(columns);
  const auto height = static_cast<std::size_t>(rows);
  const std::size_t scaleColumns = blocksIn(columns, blockColumns);
  // Divisions, not products: nothing can overflow.
  const bool fits = width == 0 || height == 0
                        ? out.empty()
                        : out.size() % width == 0 && out.size() / width == height;
  if (!fits || codes.size() != out.size() ||
      (!out.empty() && scales.size() / scaleColumns != blocksIn(rows, blockRows)) ||
      (!out.empty() && scales.size() % scaleColumns != 0))
    return sizesDisagree(codes.size(), out.size());
  const std::array<float, 256>& table = fp8Table();
  const auto step = static_cast<std::size_t>(blockColumns);
  for (std::size_t r = 0; r < height; ++r) {
    const float* rowScales = scales.data() + r / static_cast<std::size_t>(blockRows) * scaleColumns;
    for (std::size_t begin = 0; begin < width; begin += step) {
      const float scale = rowScales[begin / step];
      const std::size_t end = std::min(width - begin, step) + begin;
      for (std::size_t i = r * width + begin; i < r * width + end; ++i)
        out[i] = table[std::to_integer<std::size_t>(codes[i])] * scale;
    }
  }
  return {};
}

Result<void> mxfp4ToBf16(std::span<const std::byte> codes, std::span<const std::byte> exponents,
                         std::span<std::uint16_t> out) {
  constexpr std::size_t kBytes = 16; // of codes in a block
  if (codes.size() % kBytes != 0 || codes.size() / kBytes != exponents.size() ||
      out.size() % 2 != 0 || out.size() / 2 != codes.size())
    return sizesDisagree(codes.size(), out.size());
  static const auto table = makeMxfp4Table();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto& values = table[std::to_integer<std::size_t>(exponents[i / kBytes])];
    const auto byte = std::to_integer<std::size_t>(codes[i]);
    out[2 * i] = values[byte & 0xF];
    out[2 * i + 1] = values[byte >> 4];
  }
  return {};
}

} // namespace switchyard::checkpoint
