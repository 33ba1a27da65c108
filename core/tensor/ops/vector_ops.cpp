#include "core/tensor/ops/vector_ops.h"

#include <cassert>
#include <cmath>

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/vector_ops.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

float dotOf(const float* a, const float* b, std::size_t count) {
  Block sums = zeroBlock();
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    sums = fma(loadBlock(a + i), loadBlock(b + i), sums);
  if (i < count)
    sums = fma(loadPart(a + i, count - i), loadPart(b + i, count - i), sums);
  return sumOf(sums);
}

float sum(const float* x, std::size_t count) {
  Block sums = zeroBlock();
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    sums = sums + loadBlock(x + i);
  if (i < count)
    sums = sums + loadPart(x + i, count - i);
  return sumOf(sums);
}

/// Sum of (x - mean)^2.
float squaredDeviation(const float* x, float mean, std::size_t count) {
  const Block center = broadcast(mean);
  Block sums = zeroBlock();
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const Block deviation = loadBlock(x + i) - center;
    sums = fma(deviation, deviation, sums);
  }
  if (i < count) {
    HWY_ALIGN float padded[kBlock] = {};
    for (std::size_t lane = 0; lane < count - i; ++lane)
      padded[lane] = x[i + lane] - mean;
    const Block deviation = loadBlock(padded);
    sums = fma(deviation, deviation, sums);
  }
  return sumOf(sums);
}

/// out = (x - mean) * scale * weight + bias; bias may be null (then mean is 0 and nothing is
/// added).
void normalise(const float* x, float mean, float scale, const float* weight, const float* bias,
               float* out, std::size_t count) {
  const Block center = broadcast(mean);
  const Block factor = broadcast(scale);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    Block value = loadPart(x + i, part);
    if (bias != nullptr)
      value = fma((value - center) * factor, loadPart(weight + i, part), loadPart(bias + i, part));
    else
      value = value * factor * loadPart(weight + i, part);
    storePart(value, out + i, part);
  }
}

void add(float* y, const float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    storePart(loadPart(y + i, part) + loadPart(x + i, part), y + i, part);
  }
}

void addMultiple(float* y, const float* x, float scale, std::size_t count) {
  const Block factor = broadcast(scale);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    storePart(fma(loadPart(x + i, part), factor, loadPart(y + i, part)), y + i, part);
  }
}

void multiplyBy(float* y, float scale, std::size_t count) {
  const Block factor = broadcast(scale);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    storePart(loadPart(y + i, part) * factor, y + i, part);
  }
}

void clampTo(float* y, float limit, std::size_t count) {
  const Block high = broadcast(limit);
  const Block low = broadcast(-limit);
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    storePart(clampBlock(loadPart(y + i, part), low, high), y + i, part);
  }
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(dotOf);
HWY_EXPORT(sum);
HWY_EXPORT(squaredDeviation);
HWY_EXPORT(normalise);
HWY_EXPORT(add);
HWY_EXPORT(addMultiple);
HWY_EXPORT(multiplyBy);
HWY_EXPORT(clampTo);
} // namespace

float dot(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  return HWY_DYNAMIC_DISPATCH(dotOf)(a.data(), b.data(), a.size());
}

float sumOfSquares(std::span<const float> x) {
  return dot(x, x);
}

float l2Norm(std::span<const float> x) {
  return std::sqrt(sumOfSquares(x));
}

void rmsNorm(std::span<const float> x, std::span<const float> weight, float eps,
             std::span<float> out) {
  assert(x.size() == weight.size() && x.size() == out.size());
  const float meanSquare = sumOfSquares(x) / static_cast<float>(x.size());
  HWY_DYNAMIC_DISPATCH(normalise)
  (x.data(), 0.0f, 1.0f / std::sqrt(meanSquare + eps), weight.data(), nullptr, out.data(),
   x.size());
}

void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
               float eps, std::span<float> out) {
  assert(x.size() == weight.size() && x.size() == bias.size() && x.size() == out.size());
  const auto count = static_cast<float>(x.size());
  const float mean = HWY_DYNAMIC_DISPATCH(sum)(x.data(), x.size()) / count;
  const float variance = HWY_DYNAMIC_DISPATCH(squaredDeviation)(x.data(), mean, x.size()) / count;
  HWY_DYNAMIC_DISPATCH(normalise)
  (x.data(), mean, 1.0f / std::sqrt(variance + eps), weight.data(), bias.data(), out.data(),
   x.size());
}

void addInPlace(std::span<float> y, std::span<const float> x) {
  assert(y.size() == x.size());
  HWY_DYNAMIC_DISPATCH(add)(y.data(), x.data(), y.size());
}

void addScaled(std::span<float> y, std::span<const float> x, float scale) {
  assert(y.size() == x.size());
  HWY_DYNAMIC_DISPATCH(addMultiple)(y.data(), x.data(), scale, y.size());
}

void scaleInPlace(std::span<float> y, float scale) {
  HWY_DYNAMIC_DISPATCH(multiplyBy)(y.data(), scale, y.size());
}

void clampInPlace(std::span<float> y, float limit) {
  HWY_DYNAMIC_DISPATCH(clampTo)(y.data(), limit, y.size());
}

} // namespace switchyard::tensor
#endif
