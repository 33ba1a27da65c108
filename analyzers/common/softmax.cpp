#include "analyzers/common/softmax.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "analyzers/common/exp.h"

namespace switchyard::analyzers {

namespace {

constexpr std::size_t kLanes = 8; ///< partial sums, so that the loops vectorise in a fixed order

/// ln x for normal x > 0 (Cephes logf); branch-free.
inline float logPositive(float x) {
  std::int32_t bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = ((bits - 0x3F3504F3) >> 23); // mantissa in [sqrt(1/2), sqrt(2))
  bits -= exponent << 23;
  const float m = std::bit_cast<float>(bits) - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const auto e = static_cast<float>(exponent);
  return ((m * z * p + e * -2.12194440e-4f) - 0.5f * z + m) + e * 0.693359375f;
}

float laneSum(std::span<const float> values) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l)
      lanes[l] += values[i + l];
  }
  for (; i < values.size(); ++i)
    lanes[i % kLanes] += values[i];
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
         ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

} // namespace

bool probabilitiesOf(std::span<const float> logits, Probabilities kind, std::span<float> out) {
  float largest = -std::numeric_limits<float>::infinity();
  bool isNan = false;
  for (float z : logits) {
    largest = z > largest ? z : largest;
    isNan |= z != z;
  }
  if (isNan || !(largest >= -std::numeric_limits<float>::max() &&
                 largest <= std::numeric_limits<float>::max()))
    return false;
  const std::size_t n = logits.size();
  if (kind == Probabilities::Softmax) {
    for (std::size_t i = 0; i < n; ++i)
      out[i] = expNegative(logits[i] - largest);
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      const float e = expNegative(logits[i] < 0 ? logits[i] : -logits[i]);
      out[i] = (logits[i] < 0 ? e : 1.0f) / (1.0f + e);
    }
  }
  const float sum = laneSum(out.first(n));
  if (!(sum > 0))
    return false;
  const float scale = 1.0f / sum;
  for (std::size_t i = 0; i < n; ++i)
    out[i] *= scale;
  return true;
}

float shannonEntropy(std::span<const float> probabilities, float offset) {
  constexpr float kTiny = 1e-30f; // keeps ln finite; p times it is 0
  float lanes[kLanes] = {};
  const std::size_t n = probabilities.size();
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l)
      lanes[l] -=
          probabilities[i + l] * logPositive(std::max(probabilities[i + l] + offset, kTiny));
  }
  for (; i < n; ++i)
    lanes[i % kLanes] -= probabilities[i] * logPositive(std::max(probabilities[i] + offset, kTiny));
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
         ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

} // namespace switchyard::analyzers
