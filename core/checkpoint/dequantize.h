#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/error.h"
#include "core/tensor/dtype.h"

namespace switchyard::checkpoint {

/// Widens stored elements (little-endian, any alignment) to float32. dtype: F32, F16, BF16 and
/// F8_E4M3 exactly; F64 rounded to nearest. out.size() elements are expected in `stored`.
/// Errors: Unsupported for other dtypes, InvalidArgument if the sizes disagree.
base::Result<void> toF32(tensor::DType dtype, std::span<const std::byte> stored,
                         std::span<float> out);

/// F8_E4M3 (FN: bias 7, no infinity, NaN 0x7F and 0xFF) to float32, exact.
float fp8E4M3ToF32(std::byte code);

/// Block FP8: out[r, c] = fp8(codes[r, c]) * scales[r / blockRows, c / blockColumns] in float32,
/// the layout of `weight` with `weight_scale_inv`. codes, out: [rows, columns] row-major; scales:
/// [ceil(rows / blockRows), ceil(columns / blockColumns)], blocks counted from the first row and
/// column, the last ones partial. Error InvalidArgument if the sizes disagree.
base::Result<void> fp8BlockToF32(std::span<const std::byte> codes, std::span<const float> scales,
                                 std::int64_t rows, std::int64_t columns, std::int64_t blockRows,
                                 std::int64_t blockColumns, std::span<float> out);

/// MXFP4 to bfloat16 bits, the layout of gpt_oss's *_blocks and *_scales: 32 elements share one
/// E8M0 exponent; in each of their 16 bytes the low nibble is element 2j, the high nibble 2j + 1.
/// Value = {0, .5, 1, 1.5, 2, 3, 4, 6 and their negatives} * 2^(exponent - 127), exact in bfloat16
/// where finite, otherwise infinity; exponent 255 is NaN (OCP MX v1.0; the published converter has
/// infinity there). codes: 16 bytes a block; exponents: 1; out: 32. Error InvalidArgument if the
/// sizes disagree.
base::Result<void> mxfp4ToBf16(std::span<const std::byte> codes,
                               std::span<const std::byte> exponents, std::span<std::uint16_t> out);

} // namespace switchyard::checkpoint
