// Widening stored weights to the sixteen floats of a block. Included once per target.
#if defined(SWITCHYARD_TENSOR_WEIGHTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_WEIGHTS_INL_H_
#undef SWITCHYARD_TENSOR_WEIGHTS_INL_H_
#else
#define SWITCHYARD_TENSOR_WEIGHTS_INL_H_
#endif

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "core/tensor/half.h"
#include "core/tensor/ops/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// Sixteen weights of one column, widened exactly.
template <typename Weight> HWY_INLINE Block loadWeights(const Weight* from) {
  if constexpr (sizeof(Weight) == 4) {
    return loadBlock(from);
  } else {
    Block out;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    HWY_ALIGN float wide[kBlock];
    for (int i = 0; i < kBlock; ++i) {
      std::uint16_t bits;
      std::memcpy(&bits, from + i, sizeof(bits));
      wide[i] = std::is_same_v<Weight, hwy::bfloat16_t> ? fromBf16(bits) : fromF16(bits);
    }
    out = loadBlock(wide);
#else
    const hn::Rebind<Weight, Floats> narrow;
    SY_EACH_VECTOR out.v[i] = hn::PromoteTo(Floats(), hn::LoadU(narrow, from + i * kLanes));
#endif
    return out;
  }
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
