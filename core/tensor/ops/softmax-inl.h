// The two passes that a softmax and an attention head share.
#if defined(SWITCHYARD_TENSOR_SOFTMAX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_SOFTMAX_INL_H_
#undef SWITCHYARD_TENSOR_SOFTMAX_INL_H_
#else
#define SWITCHYARD_TENSOR_SOFTMAX_INL_H_
#endif

#include <limits>

#include "core/tensor/ops/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

/// The largest of x and `floor`; NaNs are passed over.
HWY_INLINE float greatest(const float* x, std::size_t count, float floor) {
  Block most = broadcast(floor);
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    most = greaterOf(loadBlock(x + i), most);
  float result = greatestOf(most);
  for (; i < count; ++i)
    result = x[i] > result ? x[i] : result;
  return result;
}

/// The sum of e^(x - largest), none of x larger: that of expShifted, bit by bit. What expOfNegative
/// does not tell from 0 is too small to count beside the 1 of the largest.
HWY_INLINE float sumExpShifted(const float* x, std::size_t count, float largest) {
  const Block offset = broadcast(largest);
  Block sums = zeroBlock();
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    sums = sums + expOfNegative(loadBlock(x + i) - offset);
  if (i < count) {
    HWY_ALIGN float rest[kBlock] = {};
    storePart(expOfNegative(loadPart(x + i, count - i) - offset), rest, count - i);
    sums = sums + loadBlock(rest);
  }
  return sumOf(sums);
}

/// x = e^(x - shift) in place, and the sum of the results. A shift of -inf (nothing is greater)
/// counts as 0, so that -inf gives 0 and NaN stays.
HWY_INLINE float expShifted(float* x, std::size_t count, float shift) {
  const Block offset = broadcast(shift == kMinusInfinity ? 0.0f : shift);
  Block sums = zeroBlock();
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const Block value = expOf(loadBlock(x + i) - offset);
    storeBlock(value, x + i);
    sums = sums + value;
  }
  if (i < count) {
    storePart(expOf(loadPart(x + i, count - i) - offset), x + i, count - i);
    sums = sums + loadPart(x + i, count - i);
  }
  return sumOf(sums);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
