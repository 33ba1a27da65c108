#include "core/tensor/packed_matrix.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>

#include "core/base/checked.h"
#include "core/tensor/half.h"

namespace switchyard::tensor {

namespace {

constexpr std::int64_t kPanel = PackedMatrix::kPanel;

std::int64_t elementBytes(DType dtype) {
  return bitsOf(dtype) / 8;
}

/// Copies one row into its lane of a panel: element c goes to lane + 16 c.
template <typename Element>
void scatterRow(const std::byte* source, std::int64_t columns, std::byte* lane) {
  for (std::int64_t c = 0; c < columns; ++c)
    std::memcpy(lane + c * kPanel * static_cast<std::int64_t>(sizeof(Element)),
                source + c * static_cast<std::int64_t>(sizeof(Element)), sizeof(Element));
}

/// The same for a whole panel, column by column, so that every line is written once.
template <typename Element>
void scatterPanel(const std::byte* source, std::int64_t columns, std::byte* panel) {
  constexpr auto kBytes = static_cast<std::int64_t>(sizeof(Element));
  for (std::int64_t c = 0; c < columns; ++c) {
    Element lanes[kPanel];
    for (std::int64_t row = 0; row < kPanel; ++row)
      std::memcpy(&lanes[row], source + (row * columns + c) * kBytes, sizeof(Element));
    std::memcpy(panel + c * kPanel * kBytes, lanes, sizeof(lanes));
  }
}

} // namespace

base::Result<PackedMatrix> PackedMatrix::create(std::int64_t rows, std::int64_t columns,
                                                DType dtype) {
  if (dtype != DType::BF16 && dtype != DType::F16 && dtype != DType::F32)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "weights of type " + std::string(name(dtype)) +
                          " cannot be multiplied; BF16, F16 and F32 can");
  if (rows < 0 || columns < 0)
    return base::fail(base::ErrorCode::InvalidArgument, "a matrix cannot have a negative size");
  const auto paddedRows = base::checkedAdd(rows, kPanel - 1);
  const auto cells =
      paddedRows ? base::checkedMul(*paddedRows / kPanel * kPanel, columns) : std::nullopt;
  const auto bytes = cells ? base::checkedMul(*cells, elementBytes(dtype)) : std::nullopt;
  if (!bytes)
    return base::fail(base::ErrorCode::LimitExceeded, "the matrix is too large for memory");
  PackedMatrix matrix;
  matrix.m_data = SY_TRY(Buffer::create(static_cast<std::size_t>(*bytes)));
  matrix.m_rows = rows;
  matrix.m_columns = columns;
  matrix.m_dtype = dtype;
  return matrix;
}

void PackedMatrix::pack(std::int64_t firstRow, std::span<const std::byte> source) {
  const std::int64_t rowBytes = m_columns * elementBytes(m_dtype);
  if (rowBytes == 0)
    return;
  const auto count = static_cast<std::int64_t>(source.size()) / rowBytes;
  assert(firstRow >= 0 && firstRow + count <= m_rows);
  const std::int64_t width = elementBytes(m_dtype);
  for (std::int64_t row = firstRow; row < firstRow + count;) {
    const std::byte* from = source.data() + (row - firstRow) * rowBytes;
    std::byte* panelStart = m_data.data() + row / kPanel * kPanel * rowBytes;
    if (row % kPanel == 0 && row + kPanel <= firstRow + count) {
      width == 2 ? scatterPanel<std::uint16_t>(from, m_columns, panelStart)
                 : scatterPanel<std::uint32_t>(from, m_columns, panelStart);
      row += kPanel;
      continue;
    }
    std::byte* lane = panelStart + row % kPanel * width;
    width == 2 ? scatterRow<std::uint16_t>(from, m_columns, lane)
               : scatterRow<std::uint32_t>(from, m_columns, lane);
    ++row;
  }
}

void PackedMatrix::unpackRow(std::int64_t row, std::span<float> out) const {
  assert(row >= 0 && row < m_rows && static_cast<std::int64_t>(out.size()) == m_columns);
  const std::byte* start = panel(row / kPanel);
  const std::int64_t lane = row % kPanel;
  for (std::int64_t c = 0; c < m_columns; ++c) {
    const std::int64_t index = c * kPanel + lane;
    float& value = out[static_cast<std::size_t>(c)];
    if (m_dtype == DType::F32) {
      std::memcpy(&value, start + index * 4, 4);
      continue;
    }
    std::uint16_t bits = 0;
    std::memcpy(&bits, start + index * 2, 2);
    value = m_dtype == DType::BF16 ? fromBf16(bits) : fromF16(bits);
  }
}

const std::byte* PackedMatrix::panel(std::int64_t index) const {
  return m_data.data() + index * kPanel * m_columns * elementBytes(m_dtype);
}

} // namespace switchyard::tensor
