// Dot products of one vector with many rows, four sums at a time. Included once per target.
#if defined(SWITCHYARD_TENSOR_SCORE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_SCORE_INL_H_
#undef SWITCHYARD_TENSOR_SCORE_INL_H_
#else
#define SWITCHYARD_TENSOR_SCORE_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "core/tensor/ops/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// Keys whose scores are computed together: their sums hide each other's latency.
constexpr int kKeys = 4;

#if HWY_TARGET == HWY_SCALAR
using Folded = Block;

HWY_INLINE Folded fold(const Block& block) {
  return block;
}

HWY_INLINE void storeSums(const Folded (&sums)[kKeys], float scale, float* out) {
  for (int key = 0; key < kKeys; ++key)
    out[key] = sumOf(sums[key]) * scale;
}
#else
using Quad = hn::FixedTag<float, 4>;
using Folded = hn::Vec<Quad>;

/// Lanes i, i + 8 and i + 4, i + 12 added: the first two levels of sumOf's tree.
HWY_INLINE Folded fold(const Block& block) {
#if HWY_MAX_BYTES >= 64
  const hn::FixedTag<float, 8> half;
  const auto eight = hn::Add(hn::LowerHalf(half, block.v[0]), hn::UpperHalf(half, block.v[0]));
  return hn::Add(hn::LowerHalf(Quad(), eight), hn::UpperHalf(Quad(), eight));
#elif HWY_MAX_BYTES >= 32
  const auto eight = hn::Add(block.v[0], block.v[1]);
  return hn::Add(hn::LowerHalf(Quad(), eight), hn::UpperHalf(Quad(), eight));
#else
  return hn::Add(hn::Add(block.v[0], block.v[2]), hn::Add(block.v[1], block.v[3]));
#endif
}

/// sumOf, times `scale`, for four blocks at once.
HWY_INLINE void storeSums(const Folded (&sums)[kKeys], float scale, float* out) {
  const Quad d;
  const auto& [a, b, c, e] = sums;
  // a0+a2, b0+b2, a1+a3, b1+b3
  const auto ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  const auto ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const auto totals = hn::Add(hn::ConcatLowerLower(d, ce, ab), hn::ConcatUpperUpper(d, ce, ab));
  hn::StoreU(hn::Mul(totals, hn::Set(d, scale)), d, out);
}
#endif

/// Four dot products for each query, folded. kBlocks: those of `width` if known when compiling,
/// else 0. Of two queries only half the keys meet them at once where registers are few.
template <int kQueries, int kBlocks>
HWY_INLINE void multiplyKeys(const float* queries, std::size_t width,
                             const float* const (&rows)[kKeys], Folded (&folded)[kQueries][kKeys]) {
  constexpr int kAtOnce = kQueries == 1 || kWideRegisters ? kKeys : kKeys / 2;
  HWY_UNROLL(2)
  for (int first = 0; first < kKeys; first += kAtOnce) {
    Block sums[kQueries][kAtOnce];
    HWY_UNROLL(2)
    for (int q = 0; q < kQueries; ++q)
      HWY_UNROLL(4)
    for (int key = 0; key < kAtOnce; ++key)
      sums[q][key] = zeroBlock();
    const auto step = [&](std::size_t i, std::size_t part) HWY_ATTR {
      Block query[kQueries];
      HWY_UNROLL(2)
      for (int q = 0; q < kQueries; ++q)
        query[q] = loadPart(queries + static_cast<std::size_t>(q) * width + i, part);
      HWY_UNROLL(4)
      for (int key = 0; key < kAtOnce; ++key) {
        Block value = loadPart(rows[first + key] + i, part);
        if (kQueries > 1)
          keepInRegisters(value);
        HWY_UNROLL(2)
        for (int q = 0; q < kQueries; ++q)
          sums[q][key] = fma(query[q], value, sums[q][key]);
      }
    };
    if constexpr (kBlocks > 0) {
      HWY_UNROLL(8)
      for (std::size_t i = 0; i < kBlocks; ++i)
        step(i * kBlock, kBlock);
    } else {
      std::size_t i = 0;
      for (; i + kBlock <= width; i += kBlock)
        step(i, kBlock);
      if (i < width)
        step(i, width - i);
    }
    HWY_UNROLL(2)
    for (int q = 0; q < kQueries; ++q)
      HWY_UNROLL(4)
    for (int key = 0; key < kAtOnce; ++key)
      folded[q][first + key] = fold(sums[q][key]);
  }
}

/// scores[q, j] = query_q . key_j * scale for j in [0, count); each dot product as dot() does it.
/// queries: [kQueries, width], all of which meet a key while it is in registers. next: memory that
/// is read soon, as many rows of the same stride; asked for on the way. May be null.
template <int kQueries, int kBlocks = 0>
HWY_INLINE void scoreKeysOf(const float* queries, std::size_t width, const float* keys,
                            std::int64_t stride, std::int64_t count, float scale, float* scores,
                            const float* next = nullptr) {
  constexpr std::int64_t kLine = 64 / sizeof(float);
  const float* rows[kKeys];
  Folded sums[kQueries][kKeys];
  std::int64_t j = 0;
  for (; j + kKeys <= count; j += kKeys) {
    HWY_UNROLL(4)
    for (int key = 0; key < kKeys; ++key)
      rows[key] = keys + (j + key) * stride;
    if (next != nullptr)
      for (std::int64_t at = j * stride; at < (j + kKeys) * stride; at += kLine)
        __builtin_prefetch(next + at);
    multiplyKeys<kQueries, kBlocks>(queries, width, rows, sums);
    HWY_UNROLL(2)
    for (int q = 0; q < kQueries; ++q)
      storeSums(sums[q], scale, scores + q * count + j);
  }
  if (j == count)
    return;
  for (int key = 0; key < kKeys; ++key) // the last group repeats its last key
    rows[key] = keys + std::min(j + key, count - 1) * stride;
  multiplyKeys<kQueries, kBlocks>(queries, width, rows, sums);
  for (int q = 0; q < kQueries; ++q) {
    float products[kKeys];
    storeSums(sums[q], scale, products);
    std::copy_n(products, count - j, scores + q * count + j);
  }
}

HWY_INLINE void scoreKeys(const float* q, std::size_t width, const float* keys, std::int64_t stride,
                          std::int64_t count, float scale, float* scores) {
  scoreKeysOf<1>(q, width, keys, stride, count, scale, scores);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
