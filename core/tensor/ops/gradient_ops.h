#pragma once

#include <cstdint>
#include <span>

namespace switchyard::tensor {

// Backward counterparts of vector_ops.h, float32, with its rules for reductions: the same bits on
// every instruction set. Spans of one call have equal lengths unless said. Reentrant.

/// out[j] = (x . row_j) * scale for out.size() rows, each x.size() wide and `stride` apart.
void dotRows(std::span<const float> x, const float* rows, std::int64_t stride, float scale,
             std::span<float> out);

/// out += sum over i in [0, count) of weights[i * weightStride] * row_i, i ascending. Rows are
/// out.size() wide, `stride` apart.
void addWeightedRows(const float* weights, std::int64_t weightStride, const float* rows,
                     std::int64_t stride, std::int64_t count, std::span<float> out);

/// Back through out = siluMul(gate, up) of a row whose output has the gradient scale * d: gate and
/// up become their gradients. Returns out . d, which is the gradient of `scale`.
float siluMulGradient(std::span<float> gate, std::span<float> up, std::span<const float> d,
                      float scale);
/// The same for clampedGluMul. A clamp passes the gradient up to and at its limit.
float clampedGluGradient(std::span<float> gate, std::span<float> up, float alpha, float limit,
                         std::span<const float> d, float scale);

} // namespace switchyard::tensor
