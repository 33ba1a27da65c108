// exp and the logistic function on blocks: the same instructions, so the same bits, on every
// target.
#if defined(SWITCHYARD_TENSOR_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_EXP_INL_H_
#undef SWITCHYARD_TENSOR_EXP_INL_H_
#else
#define SWITCHYARD_TENSOR_EXP_INL_H_
#endif

#include "core/tensor/ops/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// 2^n for n in [-126, 127]; n is garbage where x was NaN, and then so is the result.
HWY_INLINE Vector powerOfTwo(hn::Vec<hn::RebindToSigned<Floats>> n) {
  const hn::RebindToSigned<Floats> di;
  return hn::BitCast(Floats(), hn::ShiftLeft<23>(hn::Add(n, hn::Set(di, 127))));
}

/// e^x as p * 2^n.
struct Power {
  Vector p; ///< in [0.7, 1.42]
  hn::Vec<hn::RebindToSigned<Floats>> n;
};

/// x in [-104, 89] or NaN, which gives a p of NaN.
HWY_INLINE Power powerOf(Vector x) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low mantissa bits.
  const Vector magic = hn::Set(d, 12582912.0f);
  const Vector shifted = fma(x, hn::Set(d, 1.44269502f), magic);
  const Vector n = hn::Sub(shifted, magic);
  Vector r = fma(n, hn::Set(d, -6.93145752e-1f), x);
  r = fma(n, hn::Set(d, -1.42860677e-6f), r);
  Vector p = hn::Set(d, 1.37805939e-3f);
  p = fma(p, r, hn::Set(d, 8.37312452e-3f));
  p = fma(p, r, hn::Set(d, 4.16695364e-2f));
  p = fma(p, r, hn::Set(d, 1.66664720e-1f));
  p = fma(p, r, hn::Set(d, 4.99999851e-1f));
  p = fma(p, r, hn::Set(d, 1.0f));
  p = fma(p, r, hn::Set(d, 1.0f));
  return {p, hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, magic))};
}

/// x, but not less than `low`; NaN stays.
HWY_INLINE Vector atLeast(Vector x, float low) {
  const Vector least = hn::Set(Floats(), low);
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}

/// e^x within 1 ulp, subnormal results included. -inf gives 0, NaN gives NaN.
HWY_INLINE Vector expOf(Vector x) {
  const Floats d;
  // Beyond these bounds the result is 0 or infinity anyway; comparisons let NaN through.
  x = hn::IfThenElse(hn::Gt(x, hn::Set(d, 89.0f)), hn::Set(d, 89.0f), x);
  const Power power = powerOf(atLeast(x, -104.0f));
  // In two steps, since 2^n itself may not be a normal number.
  const auto half = hn::ShiftRight<1>(power.n);
  return hn::Mul(hn::Mul(power.p, powerOfTwo(half)), powerOfTwo(hn::Sub(power.n, half)));
}

/// The bits of expOf for x in [-87, 0] or NaN, e^-87 (1.6e-38) for less.
HWY_INLINE Vector expOfNegative(Vector x) {
  const Power power = powerOf(atLeast(x, -87.0f));
  return hn::Mul(power.p, powerOfTwo(power.n));
}

HWY_INLINE Block expOf(const Block& x) {
  Block out;
  SY_EACH_VECTOR out.v[i] = expOf(x.v[i]);
  return out;
}

HWY_INLINE Block expOfNegative(const Block& x) {
  Block out;
  SY_EACH_VECTOR out.v[i] = expOfNegative(x.v[i]);
  return out;
}

/// 1 / (1 + e^-x), within 2.5 ulp for either sign.
HWY_INLINE Block sigmoidOf(const Block& x) {
  Block out;
  SY_EACH_VECTOR {
    const Vector one = hn::Set(Floats(), 1.0f);
    const Vector e = expOf(hn::Neg(hn::Abs(x.v[i])));
    const auto negative = hn::Lt(x.v[i], hn::Zero(Floats()));
    out.v[i] = hn::Div(hn::IfThenElse(negative, e, one), hn::Add(one, e));
  }
  return out;
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
