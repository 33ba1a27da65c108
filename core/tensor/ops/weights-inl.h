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

/// Sixteen weights of column c of a panel, widened exactly. kOdd: of c.
template <bool kOdd, typename Weight>
HWY_INLINE Block loadColumn(const Weight* panel, std::int64_t c) {
  Block out;
  if constexpr (std::is_same_v<Weight, hwy::bfloat16_t>) {
    // A pair of columns: the first one in the lower halves of 32-bit lanes.
    const hn::RebindToUnsigned<Floats> words;
    const auto* pair = reinterpret_cast<const std::uint32_t*>(panel) + c / 2 * kBlock;
    SY_EACH_VECTOR {
      const auto both = hn::LoadU(words, pair + i * kLanes);
      out.v[i] = hn::BitCast(Floats(), kOdd ? hn::And(both, hn::Set(words, 0xffff0000u))
                                            : hn::ShiftLeft<16>(both));
    }
  } else if constexpr (sizeof(Weight) == 4) {
    out = loadBlock(panel + c * kBlock);
  } else {
    const Weight* from = panel + c * kBlock;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    HWY_ALIGN float wide[kBlock];
    for (int i = 0; i < kBlock; ++i) {
      std::uint16_t bits;
      std::memcpy(&bits, from + i, sizeof(bits));
      wide[i] = fromF16(bits);
    }
    out = loadBlock(wide);
#else
    const hn::Rebind<Weight, Floats> narrow;
    SY_EACH_VECTOR out.v[i] = hn::PromoteTo(Floats(), hn::LoadU(narrow, from + i * kLanes));
#endif
  }
  return out;
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
