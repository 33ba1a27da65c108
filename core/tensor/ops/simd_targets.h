#pragma once

// Include before hwy/foreach_target.h. Instruction sets without a fused multiply-add are left to
// the scalar code (std::fma), so that every machine rounds alike; AVX-512's later extensions would
// only compile the same loops again.
#define HWY_DISABLED_TARGETS                                                                       \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
