#include "core/tensor/ops/gradient_ops.h"

#include <cassert>
#include <cmath>

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/gradient_ops.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/exp-inl.h"
#include "core/tensor/ops/score-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

void dots(const float* x, std::size_t width, const float* rows, std::int64_t stride,
          std::int64_t count, float scale, float* out) {
  scoreKeys(x, width, rows, stride, count, scale, out);
}

/// kBlocks * 16 columns of addWeightedRows; the last block has `lastPart` of them.
template <int kBlocks>
HWY_INLINE void addRows(const float* weights, std::int64_t weightStride, const float* rows,
                        std::int64_t stride, std::int64_t count, std::size_t lastPart, float* out) {
  Block sums[kBlocks];
  HWY_UNROLL(4)
  for (int b = 0; b < kBlocks; ++b)
    sums[b] = kBlocks == 1 ? loadPart(out, lastPart) : loadBlock(out + b * kBlock);
  for (std::int64_t i = 0; i < count; ++i) {
    const Block weight = broadcast(weights[i * weightStride]);
    HWY_UNROLL(4)
    for (int b = 0; b < kBlocks; ++b) {
      const float* from = rows + i * stride + b * kBlock;
      sums[b] = fma(weight, kBlocks == 1 ? loadPart(from, lastPart) : loadBlock(from), sums[b]);
    }
  }
  HWY_UNROLL(4)
  for (int b = 0; b < kBlocks; ++b)
    kBlocks == 1 ? storePart(sums[b], out, lastPart) : storeBlock(sums[b], out + b * kBlock);
}

void addWeighted(const float* weights, std::int64_t weightStride, const float* rows,
                 std::int64_t stride, std::int64_t count, float* out, std::size_t width) {
  std::size_t i = 0;
  for (; i + 4 * kBlock <= width; i += 4 * kBlock)
    addRows<4>(weights, weightStride, rows + i, stride, count, kBlock, out + i);
  for (; i < width; i += kBlock)
    addRows<1>(weights, weightStride, rows + i, stride, count,
               width - i < kBlock ? width - i : kBlock, out + i);
}

float siluBack(float* gate, float* up, const float* d, float scale, std::size_t count) {
  const Block one = broadcast(1.0f);
  const Block factor = broadcast(scale);
  Block sums = zeroBlock();
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    const Block g = loadPart(gate + i, part);
    const Block u = loadPart(up + i, part);
    const Block back = loadPart(d + i, part);
    const Block s = sigmoidOf(g);
    const Block silu = g * s;
    sums = fma(silu * u, back, sums);
    const Block scaled = back * factor;
    const Block slope = s * fma(g, one - s, one);
    storePart(scaled * u * slope, gate + i, part);
    storePart(scaled * silu, up + i, part);
  }
  return sumOf(sums);
}

/// x where low <= of <= high, else 0.
HWY_INLINE Block within(const Block& x, const Block& of, const Block& low, const Block& high) {
  Block out;
  SY_EACH_VECTOR {
    const Vector zero = hn::Zero(Floats());
    const Vector below = hn::IfThenElse(hn::Gt(of.v[i], high.v[i]), zero, x.v[i]);
    out.v[i] = hn::IfThenElse(hn::Lt(of.v[i], low.v[i]), zero, below);
  }
  return out;
}

float clampedBack(float* gate, float* up, float alpha, float limit, const float* d, float scale,
                  std::size_t count) {
  const Block one = broadcast(1.0f);
  const Block factor = broadcast(scale);
  const Block alphas = broadcast(alpha);
  const Block high = broadcast(limit);
  const Block low = broadcast(-limit);
  const Block lowest = broadcast(-HUGE_VALF);
  Block sums = zeroBlock();
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t part = count - i < kBlock ? count - i : kBlock;
    const Block rawGate = loadPart(gate + i, part);
    const Block rawUp = loadPart(up + i, part);
    const Block g = clampBlock(rawGate, lowest, high);
    const Block u = clampBlock(rawUp, low, high) + one;
    const Block back = loadPart(d + i, part);
    const Block s = sigmoidOf(alphas * g);
    const Block activated = g * s;
    sums = fma(u * activated, back, sums);
    const Block scaled = back * factor;
    const Block slope = s * fma(alphas * g, one - s, one);
    storePart(within(scaled * u * slope, rawGate, lowest, high), gate + i, part);
    storePart(within(scaled * activated, rawUp, low, high), up + i, part);
  }
  return sumOf(sums);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(dots);
HWY_EXPORT(addWeighted);
HWY_EXPORT(siluBack);
HWY_EXPORT(clampedBack);
} // namespace

void dotRows(std::span<const float> x, const float* rows, std::int64_t stride, float scale,
             std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(dots)
  (x.data(), x.size(), rows, stride, static_cast<std::int64_t>(out.size()), scale, out.data());
}

void addWeightedRows(const float* weights, std::int64_t weightStride, const float* rows,
                     std::int64_t stride, std::int64_t count, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(addWeighted)
  (weights, weightStride, rows, stride, count, out.data(), out.size());
}

float siluMulGradient(std::span<float> gate, std::span<float> up, std::span<const float> d,
                      float scale) {
  assert(gate.size() == up.size() && gate.size() == d.size());
  return HWY_DYNAMIC_DISPATCH(siluBack)(gate.data(), up.data(), d.data(), scale, gate.size());
}

float clampedGluGradient(std::span<float> gate, std::span<float> up, float alpha, float limit,
                         std::span<const float> d, float scale) {
  assert(gate.size() == up.size() && gate.size() == d.size());
  return HWY_DYNAMIC_DISPATCH(clampedBack)(gate.data(), up.data(), alpha, limit, d.data(), scale,
                                           gate.size());
}

} // namespace switchyard::tensor
#endif
