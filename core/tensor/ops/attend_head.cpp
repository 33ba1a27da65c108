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

/// kBlocks * 16 columns of sum over j of weights[j] * value_j: even and odd j in separate chains.
template <int kBlocks>
HWY_INLINE void sumValues(const float* weights, const float* values, std::int64_t stride,
                          std::int64_t count, std::size_t lastPart, float divisor, float* out) {
  Block even[kBlocks];
  Block odd[kBlocks];
  HWY_UNROLL(4)
  for (int b = 0; b < kBlocks; ++b)
    even[b] = odd[b] = zeroBlock();
  const auto step = [&](Block(&sums)[kBlocks], std::int64_t j) HWY_ATTR {
    const Block weight = broadcast(weights[j]);
    HWY_UNROLL(4)
    for (int b = 0; b < kBlocks; ++b) {
      const float* from = values + j * stride + b * kBlock;
      const Block value = kBlocks == 1 ? loadPart(from, lastPart) : loadBlock(from);
      sums[b] = fma(weight, value, sums[b]);
    }
  };
  std::int64_t j = 0;
  for (; j + 2 <= count; j += 2) {
    step(even, j);
    step(odd, j + 1);
  }
  if (j < count)
    step(even, j);
  HWY_UNROLL(4)
  for (int b = 0; b < kBlocks; ++b) {
    const Block total = (even[b] + odd[b]) / broadcast(divisor);
    kBlocks == 1 ? storePart(total, out, lastPart) : storeBlock(total, out + b * kBlock);
  }
}

/// Blocks of values summed in one pass over the rows.
constexpr std::size_t kValueBlocks = kWideRegisters ? 4 : 2;

void attend(const float* q, std::size_t width, const float* keys, std::int64_t keyStride,
            const float* values, std::int64_t valueStride, std::int64_t count, float scale,
            const float* sink, float* scores, float* out, std::size_t valueWidth) {
  scoreKeys(q, width, keys, keyStride, count, scale, scores);
  const auto entries = static_cast<std::size_t>(count);
  const float shift = greatest(scores, entries, sink != nullptr ? *sink : kMinusInfinity);
  float total = expShifted(scores, entries, shift);
  if (sink != nullptr) {
    float extra = *sink;
    expShifted(&extra, 1, shift);
    total += extra;
  }
  const float divisor = total == 0.0f ? 1.0f : total;
  std::size_t i = 0;
  for (; i + kValueBlocks * kBlock <= valueWidth; i += kValueBlocks * kBlock)
    sumValues<kValueBlocks>(scores, values + i, valueStride, count, kBlock, divisor, out + i);
  for (; i + 2 * kBlock <= valueWidth; i += 2 * kBlock) // heads of 32 or 96
    sumValues<2>(scores, values + i, valueStride, count, kBlock, divisor, out + i);
  for (; i < valueWidth; i += kBlock)
    sumValues<1>(scores, values + i, valueStride, count,
                 valueWidth - i < kBlock ? valueWidth - i : kBlock, divisor, out + i);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(attend);
} // namespace

void attendHead(std::span<const float> q, const float* keys, long keyStride, const float* values,
                long valueStride, long count, float scale, const float* sink,
                std::span<float> scores, std::span<float> out) {
  assert(static_cast<long>(scores.size()) == count);
  HWY_DYNAMIC_DISPATCH(attend)
  (q.data(), q.size(), keys, keyStride, values, valueStride, count, scale, sink, scores.data(),
   out.data(), out.size());
}

} // namespace switchyard::tensor
#endif
