#include <cassert>

#include "core/tensor/ops/vector_ops.h"

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/activations.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/exp-inl.h"
#include "core/tensor/ops/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

void softmax(float* x, std::size_t count) {
  const float total = expShifted(x, count, greatest(x, count, kMinusInfinity));
  if (total == 0.0f)
    return;
  const Block divisor = broadcast(total);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    storePart(loadPart(x + i, part) / divisor, x + i, part);
  }
}

void siluTimes(const float* gate, const float* up, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    const Block g = loadPart(gate + i, part);
    storePart(g * sigmoidOf(g) * loadPart(up + i, part), out + i, part);
  }
}

void clampedGlu(const float* gate, const float* up, float alpha, float limit, float* out,
                std::size_t count) {
  const Block high = broadcast(limit);
  const Block low = broadcast(-limit);
  const Block lowest = broadcast(kMinusInfinity);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    const Block g = clampBlock(loadPart(gate + i, part), lowest, high);
    const Block u = clampBlock(loadPart(up + i, part), low, high);
    const Block activated = g * sigmoidOf(broadcast(alpha) * g);
    storePart((u + broadcast(1.0f)) * activated, out + i, part);
  }
}

float sigmoidOfOne(float x) {
  HWY_ALIGN float lanes[kBlock] = {x};
  storeBlock(sigmoidOf(loadBlock(lanes)), lanes);
  return lanes[0];
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(softmax);
HWY_EXPORT(siluTimes);
HWY_EXPORT(clampedGlu);
HWY_EXPORT(sigmoidOfOne);
} // namespace

void softmaxInPlace(std::span<float> x) {
  HWY_DYNAMIC_DISPATCH(softmax)(x.data(), x.size());
}

void siluMul(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  assert(gate.size() == up.size() && gate.size() == out.size());
  HWY_DYNAMIC_DISPATCH(siluTimes)(gate.data(), up.data(), out.data(), out.size());
}

void clampedGluMul(std::span<const float> gate, std::span<const float> up, float alpha, float limit,
                   std::span<float> out) {
  assert(gate.size() == up.size() && gate.size() == out.size());
  HWY_DYNAMIC_DISPATCH(clampedGlu)(gate.data(), up.data(), alpha, limit, out.data(), out.size());
}

float sigmoid(float x) {
  return HWY_DYNAMIC_DISPATCH(sigmoidOfOne)(x);
}

} // namespace switchyard::tensor
#endif
