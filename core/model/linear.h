#pragma once

#include <cstdint>
#include <span>

#include "core/base/thread_context.h"
#include "core/model/weights.h"
#include "core/tensor/ops/matmul_transposed.h"

namespace switchyard::model {

/// y[i, j] = x[i] . W[j] + bias[j] for output panels [firstPanel, lastPanel), one thread.
/// x [m, ldx], y [m, ldy], float32.
void applyPanels(const Linear& linear, const float* x, std::int64_t m, std::int64_t ldx, float* y,
                 std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel);

/// All panels, split over the threads. Same bits as applyPanels over everything.
void apply(const base::ThreadContext& threads, const Linear& linear, const float* x, std::int64_t m,
           std::int64_t ldx, float* y, std::int64_t ldy);

/// The same two for a matrix and bias that are kept apart (a tied LM head). bias: [rows], or empty.
void applyMatrixPanels(const tensor::PackedMatrix& matrix, std::span<const float> bias,
                       const float* x, std::int64_t m, std::int64_t ldx, float* y, std::int64_t ldy,
                       std::int64_t firstPanel, std::int64_t lastPanel);
void applyMatrix(const base::ThreadContext& threads, const tensor::PackedMatrix& matrix,
                 std::span<const float> bias, const float* x, std::int64_t m, std::int64_t ldx,
                 float* y, std::int64_t ldy);

/// Back through a matrix: dx [m, ldx] (+)= dy [m, ldy] W, split over the threads. Same bits for any
/// number of them.
void applyTransposed(const base::ThreadContext& threads, const tensor::PackedMatrix& matrix,
                     const float* dy, std::int64_t m, std::int64_t ldy, float* dx, std::int64_t ldx,
                     tensor::Into into);

/// Into how many parts to split work of about `multiplyAdds` for these threads: 1 when it is too
/// small to pay for handing it out.
std::int64_t partsFor(const base::ThreadContext& threads, std::int64_t multiplyAdds);

} // namespace switchyard::model
