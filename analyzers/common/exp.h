#pragma once

#include <bit>
#include <cstdint>

namespace switchyard::analyzers {

/// e^x for finite x <= 0, relative error below 1e-6; 0 below -87, near where float32's normal
/// numbers end. Cody-Waite reduction, degree 6 polynomial (Cephes expf); branch-free, so that loops
/// over it vectorise. The same bits on every machine, whatever the width of its vectors.
[[gnu::always_inline]] inline float expNegative(float x) {
  // Of negative numbers the one with the greater bits is the smaller. Masks, since compilers do not
  // vectorise choices here.
  constexpr auto kLeast = std::bit_cast<std::uint32_t>(-87.0f);
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) | 0x80000000u; // 0 is -0, too
  const std::uint32_t tooSmall = 0u - ((kLeast - bits) >> 31);              // all bits or none
  const auto bounded = std::bit_cast<float>((bits & ~tooSmall) | (kLeast & tooSmall));
  constexpr float kRound = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
  const float shifted = bounded * 1.44269504088896341f + kRound;
  const float n = shifted - kRound;
  const float r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(p) + exponent) & ~tooSmall);
}

} // namespace switchyard::analyzers
