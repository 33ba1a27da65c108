#include <algorithm>
#include <cassert>
#include <cstdint>

#include "core/tensor/ops/vector_ops.h"

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/attend_head.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/exp-inl.h"
#include "core/tensor/ops/score-inl.h"
#include "core/tensor/ops/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// kBlocks * 16 columns of sum over j of weights[h, j] * value_j for each head h: even and odd j in
/// separate chains. out: kHeads rows of stride outStride.
template <int kHeads, int kBlocks>
HWY_INLINE void sumValues(const float* weights, const float* values, std::int64_t stride,
                          std::int64_t count, std::size_t lastPart, const float* divisors,
                          float* out, std::size_t outStride) {
  Block even[kHeads][kBlocks];
  Block odd[kHeads][kBlocks];
  HWY_UNROLL(2)
  for (int h = 0; h < kHeads; ++h)
    HWY_UNROLL(4)
  for (int b = 0; b < kBlocks; ++b)
    even[h][b] = odd[h][b] = zeroBlock();
  const auto step = [&](Block(&sums)[kHeads][kBlocks], std::int64_t j) HWY_ATTR {
    Block weight[kHeads];
    HWY_UNROLL(2)
    for (int h = 0; h < kHeads; ++h)
      weight[h] = broadcast(weights[h * count + j]);
    HWY_UNROLL(4)
    for (int b = 0; b < kBlocks; ++b) {
      const float* from = values + j * stride + b * kBlock;
      Block value = kBlocks == 1 ? loadPart(from, lastPart) : loadBlock(from);
      if (kHeads > 1)
        keepInRegisters(value);
      HWY_UNROLL(2)
      for (int h = 0; h < kHeads; ++h)
        sums[h][b] = fma(weight[h], value, sums[h][b]);
    }
  };
  std::int64_t j = 0;
  for (; j + 2 <= count; j += 2) {
    step(even, j);
    step(odd, j + 1);
  }
  if (j < count)
    step(even, j);
  for (int h = 0; h < kHeads; ++h)
    for (int b = 0; b < kBlocks; ++b) {
      const Block total = (even[h][b] + odd[h][b]) / broadcast(divisors[h]);
      float* to = out + static_cast<std::size_t>(h) * outStride + b * kBlock;
      kBlocks == 1 ? storePart(total, to, lastPart) : storeBlock(total, to);
    }
}

/// Blocks of values summed in one pass over the rows: as many as the registers hold.
constexpr int valueBlocks(int heads) {
  return kWideRegisters ? 4 : heads == 1 ? 2 : 1;
}

/// Floats of values of one head that are asked for while its keys are scored.
constexpr std::int64_t kKeptValues = 32 * 1024;

/// Heads that share their keys and values: what is read of these meets all of them.
template <int kHeads>
void attendTogether(const float* q, std::size_t width, const float* keys, std::int64_t keyStride,
                    const float* values, std::int64_t valueStride, std::int64_t count, float scale,
                    const float* sinks, float* scores, float* out, std::size_t valueWidth) {
  // The second cache holds so few until they are needed.
  const bool small = count * valueStride <= kKeptValues && valueStride == keyStride;
  const float* next = small ? values : nullptr;
  if (width == 2 * kBlock)
    scoreKeysOf<kHeads, 2>(q, width, keys, keyStride, count, scale, scores, next);
  else if (width == 4 * kBlock)
    scoreKeysOf<kHeads, 4>(q, width, keys, keyStride, count, scale, scores, next);
  else if (width == 8 * kBlock)
    scoreKeysOf<kHeads, 8>(q, width, keys, keyStride, count, scale, scores, next);
  else
    scoreKeysOf<kHeads>(q, width, keys, keyStride, count, scale, scores, next);
  const auto entries = static_cast<std::size_t>(count);
  float divisors[kHeads];
  for (int h = 0; h < kHeads; ++h) {
    float* own = scores + h * count;
    const float shift = greatest(own, entries, sinks != nullptr ? sinks[h] : kMinusInfinity);
    float total = expShifted(own, entries, shift);
    if (sinks != nullptr) {
      float extra = sinks[h];
      expShifted(&extra, 1, shift);
      total += extra;
    }
    divisors[h] = total == 0.0f ? 1.0f : total;
  }
  constexpr int kMost = valueBlocks(kHeads);
  constexpr int kSome = std::min(kMost, 2); // heads of 32 or 96
  std::size_t i = 0;
  for (; i + kMost * kBlock <= valueWidth; i += kMost * kBlock)
    sumValues<kHeads, kMost>(scores, values + i, valueStride, count, kBlock, divisors, out + i,
                             valueWidth);
  for (; i + kSome * kBlock <= valueWidth; i += kSome * kBlock)
    sumValues<kHeads, kSome>(scores, values + i, valueStride, count, kBlock, divisors, out + i,
                             valueWidth);
  for (; i < valueWidth; i += kBlock)
    sumValues<kHeads, 1>(scores, values + i, valueStride, count,
                         valueWidth - i < kBlock ? valueWidth - i : kBlock, divisors, out + i,
                         valueWidth);
}

void attend(int heads, const float* q, std::size_t width, const float* keys, std::int64_t keyStride,
            const float* values, std::int64_t valueStride, std::int64_t count, float scale,
            const float* sinks, float* scores, float* out, std::size_t valueWidth) {
  int head = 0;
  if constexpr (!kScalar)
    for (; head + 2 <= heads; head += 2)
      attendTogether<2>(q + static_cast<std::size_t>(head) * width, width, keys, keyStride, values,
                        valueStride, count, scale, sinks != nullptr ? sinks + head : nullptr,
                        scores + head * count, out + static_cast<std::size_t>(head) * valueWidth,
                        valueWidth);
  for (; head < heads; ++head)
    attendTogether<1>(q + static_cast<std::size_t>(head) * width, width, keys, keyStride, values,
                      valueStride, count, scale, sinks != nullptr ? sinks + head : nullptr,
                      scores + head * count, out + static_cast<std::size_t>(head) * valueWidth,
                      valueWidth);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(attend);
} // namespace

void attendHeads(int heads, std::span<const float> q, const float* keys, long keyStride,
                 const float* values, long valueStride, long count, float scale, const float* sinks,
                 std::span<float> scores, std::span<float> out) {
  assert(static_cast<long>(scores.size()) == heads * count);
  const auto share = static_cast<std::size_t>(heads);
  HWY_DYNAMIC_DISPATCH(attend)
  (heads, q.data(), q.size() / share, keys, keyStride, values, valueStride, count, scale, sinks,
   scores.data(), out.data(), out.size() / share);
}

} // namespace switchyard::tensor
#endif
