#pragma once

#include <cstdint>

#include "core/tensor/packed_matrix.h"

namespace switchyard::tensor {

/// What matmulTransposed does with what dx holds.
enum class Into : std::uint8_t { Replace, Add };

/// The product that carries a gradient back through y = x W^T: dx[i, c] (+)= sum over j of
/// dy[i, j] * W[j, c], for rows i in [0, m) and columns c in [firstColumn, lastColumn).
/// dy: f32 [m, >= W.rows()], stride ldy; dx: f32 [m, >= W.columns()], stride ldx. dx must not
/// overlap dy.
///
/// Each sum is sixteen chains of fused multiply-adds (j goes to chain j % 16, ascending) added as
/// the fixed tree of vector_ops.h: the same bits for any m, any split into columns, any thread
/// count, and on every instruction set with FMA. Single-threaded; the caller splits columns or rows
/// over threads. No allocation. Reads the matrix once per 48 rows.
void matmulTransposed(const PackedMatrix& w, const float* dy, std::int64_t m, std::int64_t ldy,
                      float* dx, std::int64_t ldx, std::int64_t firstColumn,
                      std::int64_t lastColumn, Into into);

} // namespace switchyard::tensor
