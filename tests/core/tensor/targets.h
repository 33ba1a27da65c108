#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "core/base/rng.h"
#include "core/tensor/ops/matmul.h"

namespace switchyard::tensor::test {

/// Runs body(name) once for every instruction set that this machine has and the kernels know.
template <typename Body> void forEachTarget(Body&& body) {
  for (const std::int64_t target : {HWY_SCALAR, HWY_EMU128, HWY_AVX2, HWY_AVX3, HWY_NEON}) {
    hwy::SetSupportedTargetsForTest(0);
    const bool fallback = target == HWY_SCALAR || target == HWY_EMU128;
    if (!fallback && (hwy::SupportedTargets() & target) == 0)
      continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    if (kernelTarget() == hwy::TargetName(target))
      body(std::string(kernelTarget()));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// Equal bits, or both NaN (which NaN is not promised).
inline bool sameFloat(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

inline void expectSame(std::span<const float> actual, std::span<const float> expected,
                       const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i)
    ASSERT_TRUE(sameFloat(actual[i], expected[i]))
        << what << ": element " << i << " is " << actual[i] << ", not " << expected[i];
}

/// Seeded values in [-scale, scale).
inline std::vector<float> randomFloats(std::size_t count, std::uint64_t seed, float scale = 1.0f) {
  base::Rng rng(seed, 0);
  std::vector<float> values(count);
  for (float& value : values)
    value = (static_cast<float>(rng.nextU64() >> 40) * 0x1p-23f - 1.0f) * scale;
  return values;
}

/// The reduction rule: sixteen partial sums, lane i added to lane i + 8, then 4, 2, 1 apart.
inline float treeSum(const float (&lanes)[16]) {
  float s[16];
  for (int i = 0; i < 16; ++i)
    s[i] = lanes[i];
  for (int half = 8; half >= 1; half /= 2)
    for (int i = 0; i < half; ++i)
      s[i] = s[i] + s[i + half];
  return s[0];
}

inline float naiveDot(std::span<const float> a, std::span<const float> b) {
  float lanes[16] = {};
  for (std::size_t i = 0; i < a.size(); ++i)
    lanes[i % 16] = std::fma(a[i], b[i], lanes[i % 16]);
  return treeSum(lanes);
}

} // namespace switchyard::tensor::test
