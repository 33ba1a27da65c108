// Sixteen floats as the vectors of the current target: the unit in which all kernels count, so that
// results do not depend on the vector width. Included once per target.
#if defined(SWITCHYARD_TENSOR_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_BLOCK_INL_H_
#undef SWITCHYARD_TENSOR_BLOCK_INL_H_
#else
#define SWITCHYARD_TENSOR_BLOCK_INL_H_
#endif

#include <cmath>
#include <cstddef>
#include <cstring>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Floats>;
constexpr int kBlock = 16;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(Floats()));
constexpr int kVectors = kBlock / kLanes;
constexpr bool kWideRegisters = HWY_TARGET == HWY_AVX3; // 32 registers of a whole block each
constexpr bool kScalar = HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128;

/// a * b + c, rounded once.
HWY_INLINE Vector fma(Vector a, Vector b, Vector c) {
#if HWY_TARGET == HWY_SCALAR
  return Vector(std::fma(a.raw, b.raw, c.raw));
#elif HWY_TARGET == HWY_EMU128
  for (int i = 0; i < kLanes; ++i)
    c.raw[i] = std::fma(a.raw[i], b.raw[i], c.raw[i]);
  return c;
#else
  return hn::MulAdd(a, b, c);
#endif
}

struct Block {
  Vector v[kVectors];
};

#define SY_EACH_VECTOR _Pragma("GCC unroll 16") for (int i = 0; i < kVectors; ++i)

HWY_INLINE Block broadcast(float value) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Set(Floats(), value);
  return out;
}

HWY_INLINE Block zeroBlock() {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Zero(Floats());
  return out;
}

HWY_INLINE Block loadBlock(const float* from) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::LoadU(Floats(), from + i * kLanes);
  return out;
}

/// Keeps a block in registers for all its uses: compilers would load it again for each.
HWY_INLINE void keepInRegisters([[maybe_unused]] Block& block) {
#if HWY_ARCH_X86 && !HWY_COMPILER_MSVC && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  SY_EACH_VECTOR asm("" : "+v"(block.v[i].raw));
#endif
}

HWY_INLINE void storeBlock(const Block& block, float* to) {
  SY_EACH_VECTOR hn::StoreU(block.v[i], Floats(), to + i * kLanes);
}

/// The first `count` (1..16) floats, zeros after.
HWY_INLINE Block loadPart(const float* from, std::size_t count) {
  if (count == kBlock)
    return loadBlock(from);
  HWY_ALIGN float padded[kBlock] = {};
  std::memcpy(padded, from, count * sizeof(float));
  return loadBlock(padded);
}

HWY_INLINE void storePart(const Block& block, float* to, std::size_t count) {
  if (count == kBlock) {
    storeBlock(block, to);
    return;
  }
  HWY_ALIGN float whole[kBlock];
  storeBlock(block, whole);
  std::memcpy(to, whole, count * sizeof(float));
}

HWY_INLINE Block fma(const Block& a, const Block& b, const Block& c) {
  Block out;
  SY_EACH_VECTOR out.v[i] = fma(a.v[i], b.v[i], c.v[i]);
  return out;
}

HWY_INLINE Block operator+(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Add(a.v[i], b.v[i]);
  return out;
}

HWY_INLINE Block operator-(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Sub(a.v[i], b.v[i]);
  return out;
}

HWY_INLINE Block operator*(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Mul(a.v[i], b.v[i]);
  return out;
}

HWY_INLINE Block operator/(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::Div(a.v[i], b.v[i]);
  return out;
}

/// Lane-wise a > b ? a : b; a NaN in a is passed over, one in b stays.
HWY_INLINE Block greaterOf(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::IfThenElse(hn::Gt(a.v[i], b.v[i]), a.v[i], b.v[i]);
  return out;
}

/// Lane-wise a < b ? a : b; a NaN in a is passed over, one in b stays.
HWY_INLINE Block lesserOf(const Block& a, const Block& b) {
  Block out;
  SY_EACH_VECTOR out.v[i] = hn::IfThenElse(hn::Lt(a.v[i], b.v[i]), a.v[i], b.v[i]);
  return out;
}

/// Lane-wise to [low, high]; NaN stays.
HWY_INLINE Block clampBlock(const Block& x, const Block& low, const Block& high) {
  Block out;
  SY_EACH_VECTOR {
    const Vector below = hn::IfThenElse(hn::Gt(x.v[i], high.v[i]), high.v[i], x.v[i]);
    out.v[i] = hn::IfThenElse(hn::Lt(below, low.v[i]), low.v[i], below);
  }
  return out;
}

/// The fixed tree of all reductions: lane i + lane i+8, then +4, +2, +1.
HWY_INLINE float sumOf(const Block& block) {
  HWY_ALIGN float s[kBlock];
  storeBlock(block, s);
  for (int half = kBlock / 2; half >= 1; half /= 2)
    for (int i = 0; i < half; ++i)
      s[i] += s[i + half];
  return s[0];
}

HWY_INLINE float greatestOf(const Block& block) {
  HWY_ALIGN float s[kBlock];
  storeBlock(block, s);
  float greatest = s[0];
  for (int i = 1; i < kBlock; ++i)
    greatest = s[i] > greatest ? s[i] : greatest;
  return greatest;
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
