#include "core/tensor/ops/matmul.h"

#include <cassert>

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/matmul.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/matmul-inl.h"

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(multiply);
HWY_EXPORT(targetName);
} // namespace

void matmul(const PackedMatrix& w, const float* x, std::int64_t m, std::int64_t ldx, float* y,
            std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel) {
  assert(firstPanel >= 0 && lastPanel <= w.panels());
  if (m > 0 && firstPanel < lastPanel)
    HWY_DYNAMIC_DISPATCH(multiply)(w, x, m, ldx, y, ldy, firstPanel, lastPanel);
}

std::string_view kernelTarget() {
  return HWY_DYNAMIC_DISPATCH(targetName)();
}

} // namespace switchyard::tensor
#endif
