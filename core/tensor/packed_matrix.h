#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.h"
#include "core/tensor/buffer.h"
#include "core/tensor/dtype.h"

namespace switchyard::tensor {

/// A weight matrix W [n, k] in the layout the kernels read: panels of kPanel rows,
/// [panel][k][kPanel], the last panel padded with zeros. Elements stay as stored (BF16, F16 or
/// F32). Of BF16 the columns stand in pairs, [panel][k / 2][kPanel][2], an odd last one beside
/// zeros: one shift and one mask then widen both. Move-only.
class PackedMatrix {
public:
  static constexpr std::int64_t kPanel = 16;

  PackedMatrix() = default;
  /// dtype: BF16, F16 or F32. Errors: InvalidArgument, LimitExceeded (memory).
  static base::Result<PackedMatrix> create(std::int64_t rows, std::int64_t columns, DType dtype);

  /// Copies rows [firstRow, firstRow + source.size() / rowBytes) from row-major storage of the same
  /// dtype. Different row ranges may be packed by different threads if they share no panel.
  void pack(std::int64_t firstRow, std::span<const std::byte> source);
  /// One row as float32 (embedding lookup). out.size() == columns().
  void unpackRow(std::int64_t row, std::span<float> out) const;

  std::int64_t rows() const { return m_rows; }
  std::int64_t columns() const { return m_columns; }
  std::int64_t panels() const { return (m_rows + kPanel - 1) / kPanel; }
  DType dtype() const { return m_dtype; }
  std::size_t bytes() const { return m_data.size(); }
  bool empty() const { return m_rows == 0; }
  /// Start of a panel.
  const std::byte* panel(std::int64_t index) const;
  std::int64_t panelElements() const; ///< from one panel to the next

private:
  Buffer m_data;
  std::int64_t m_rows = 0;
  std::int64_t m_columns = 0;
  DType m_dtype = DType::F32;
};

} // namespace switchyard::tensor
