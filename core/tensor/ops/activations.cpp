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

/// x as blocks, the last of which is filled with -inf: each with the number of its first element.
template <typename Visit>
HWY_INLINE void eachBlock(const float* x, std::size_t count, Visit visit) {
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    visit(loadBlock(x + i), i);
  if (i < count) {
    HWY_ALIGN float rest[kBlock];
    storeBlock(broadcast(kMinusInfinity), rest);
    std::memcpy(rest, x + i, (count - i) * sizeof(float));
    visit(loadBlock(rest), i);
  }
}

void largestLanes(const float* x, std::size_t count, float* out) {
  Block largest = broadcast(kMinusInfinity);
  eachBlock(x, count,
            [&](const Block& block, std::size_t) { largest = greaterOf(block, largest); });
  storeBlock(largest, out);
}

std::size_t placesFrom(const float* x, std::size_t count, float least, std::int32_t* out) {
  const Vector bound = hn::Set(Floats(), least);
  std::size_t found = 0;
  eachBlock(x, count, [&](const Block& block, std::size_t first) {
    SY_EACH_VECTOR {
      const auto mask = hn::Ge(block.v[i], bound);
      if (HWY_LIKELY(hn::AllFalse(Floats(), mask)))
        continue;
      HWY_ALIGN float lanes[kLanes];
      hn::Store(block.v[i], Floats(), lanes);
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        if (lanes[lane] >= least)
          out[found++] = static_cast<std::int32_t>(first + i * kLanes + lane);
    }
  });
  return found;
}

float sumExp(const float* x, std::size_t count, float largest) {
  return sumExpShifted(x, count, largest);
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
    const Block power = expOfNegative(difference);
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
HWY_EXPORT(largestLanes);
HWY_EXPORT(placesFrom);
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

std::array<float, 16> largestOfLanes(std::span<const float> x) {
  std::array<float, 16> largest;
  HWY_DYNAMIC_DISPATCH(largestLanes)(x.data(), x.size(), largest.data());
  return largest;
}

std::span<const std::int32_t> placesAtLeast(std::span<const float> x, float least,
                                            std::vector<std::int32_t>& buffer) {
  if (buffer.size() < x.size())
    buffer.resize(x.size());
  return {buffer.data(),
          HWY_DYNAMIC_DISPATCH(placesFrom)(x.data(), x.size(), least, buffer.data())};
}

float sumOfExp(std::span<const float> x, float largest) {
  return HWY_DYNAMIC_DISPATCH(sumExp)(x.data(), x.size(), largest);
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
