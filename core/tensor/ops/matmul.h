#pragma once

#include <cstdint>
#include <string_view>

#include "core/tensor/packed_matrix.h"

namespace switchyard::tensor {

/// y[i, j] = sum over c of x[i, c] * W[j, c] for rows i in [0, m) and the output columns j of
/// panels [firstPanel, lastPanel): columns [16*firstPanel, min(16*lastPanel, W.rows())). x: f32 [m,
/// >= k], stride ldx; y: f32, stride ldy. y must not overlap x.
///
/// Every y[i, j] is one chain of fused multiply-adds over c = 0, 1, 2, ... from 0: the same bits
/// for any m, any split into panels, any thread count, and on every instruction set with FMA.
/// Single-threaded; the caller splits panels over threads. No allocation.
void matmul(const PackedMatrix& w, const float* x, std::int64_t m, std::int64_t ldx, float* y,
            std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel);

/// Name of the instruction set chosen at run time ("AVX2", "AVX3", ...), for logs and benchmarks.
std::string_view kernelTarget();

} // namespace switchyard::tensor
