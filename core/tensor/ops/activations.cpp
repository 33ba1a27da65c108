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

float largestRuns(const float* x, std::size_t count, std::size_t width, float* out) {
  float most = kMinusInfinity;
  for (std::size_t i = 0; i < count; i += width) {
    *out = greatest(x + i, count - i < width ? count - i : width, kMinusInfinity);
    most = *out > most ? *out : most;
    ++out;
  }
  return most;
}

float sumExp(const float* x, std::size_t count, float shift) {
  return sumExpShifted(x, count, shift);
}

void expAll(float* x, std::size_t count, float shift) {
  expShifted(x, count, shift);
}

void softmaxFactsOf(const float* x, std::size_t count, SoftmaxFacts* out) {
  Block first = broadcast(kMinusInfinity), next = first;
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const Block value = loadBlock(x + i);
    next = greaterOf(lesserOf(value, first), next);
    first = greaterOf(value, first);
  }
  HWY_ALIGN float lanes[3 * kBlock];
  storeBlock(first, lanes);
  storeBlock(next, lanes + kBlock);
  std::size_t held = 2 * kBlock;
  for (; i < count; ++i)
    lanes[held++] = x[i];
  float largest = kMinusInfinity, second = kMinusInfinity;
  for (std::size_t lane = 0; lane < held; ++lane) {
    const float value = lanes[lane];
    second = value > largest ? largest : value > second ? value : second;
    largest = value > largest ? value : largest;
  }
  const Block offset = broadcast(largest);
  Block sums = zeroBlock(), weighted = zeroBlock();
  for (i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    const Block difference = loadPart(x + i, part) - offset;
    const Block power = expOf(difference);
    if (part == kBlock) {
      sums = sums + power;
      weighted = fma(difference, power, weighted);
    } else {
      HWY_ALIGN float rest[2 * kBlock] = {};
      storePart(power, rest, part);
      storePart(difference, rest + kBlock, part);
      sums = sums + loadBlock(rest);
      weighted = fma(loadBlock(rest + kBlock), loadBlock(rest), weighted);
    }
  }
  *out = {largest, second, sumOf(sums), sumOf(weighted)};
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
HWY_EXPORT(largestRuns);
HWY_EXPORT(sumExp);
HWY_EXPORT(expAll);
HWY_EXPORT(softmaxFactsOf);
HWY_EXPORT(siluTimes);
HWY_EXPORT(clampedGlu);
HWY_EXPORT(sigmoidOfOne);
} // namespace

void softmaxInPlace(std::span<float> x) {
  HWY_DYNAMIC_DISPATCH(softmax)(x.data(), x.size());
}

float largestOfRuns(std::span<const float> x, std::size_t width, std::span<float> out) {
  assert(out.size() == (x.size() + width - 1) / width);
  return HWY_DYNAMIC_DISPATCH(largestRuns)(x.data(), x.size(), width, out.data());
}

float sumOfExp(std::span<const float> x, float shift) {
  return HWY_DYNAMIC_DISPATCH(sumExp)(x.data(), x.size(), shift);
}

void expInPlace(std::span<float> x, float shift) {
  HWY_DYNAMIC_DISPATCH(expAll)(x.data(), x.size(), shift);
}

SoftmaxFacts softmaxFacts(std::span<const float> x) {
  assert(!x.empty());
  SoftmaxFacts facts;
  HWY_DYNAMIC_DISPATCH(softmaxFactsOf)(x.data(), x.size(), &facts);
  return facts;
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
