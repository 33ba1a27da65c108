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

std::int64_t paddedColumns(std::int64_t columns, DType dtype) {
  return dtype == DType::BF16 ? (columns + 1) / 2 * 2 : columns;
}

/// Element c of a row's lane.
std::int64_t elementOf(std::int64_t lane, std::int64_t c, DType dtype) {
  return dtype == DType::BF16 ? (c / 2 * kPanel + lane) * 2 + c % 2 : c * kPanel + lane;
}

/// Copies one row into its lane of a panel: unit c goes to lane + 16 c. A unit is an element, of
/// BF16 a pair of elements. rowBytes: of the source.
template <typename Unit>
void scatterRow(const std::byte* source, std::int64_t rowBytes, std::byte* lane) {
  constexpr auto kBytes = static_cast<std::int64_t>(sizeof(Unit));
  for (std::int64_t at = 0; at < rowBytes; at += kBytes, lane += kPanel * kBytes)
    std::memcpy(lane, source + at, static_cast<std::size_t>(std::min(kBytes, rowBytes - at)));
}

/// The same for a whole panel, unit by unit, so that every line is written once.
template <typename Unit>
void scatterPanel(const std::byte* source, std::int64_t rowBytes, std::byte* panel) {
  constexpr auto kBytes = static_cast<std::int64_t>(sizeof(Unit));
  for (std::int64_t at = 0; at < rowBytes; at += kBytes, panel += kPanel * kBytes) {
    const auto width = static_cast<std::size_t>(std::min(kBytes, rowBytes - at));
    Unit lanes[kPanel] = {};
    for (std::int64_t row = 0; row < kPanel; ++row)
      std::memcpy(&lanes[row], source + row * rowBytes + at, width);
    std::memcpy(panel, lanes, sizeof(lanes));
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
  const auto oneMore = base::checkedAdd<std::int64_t>(columns, 1);
  const auto cells = paddedRows && oneMore ? base::checkedMul(*paddedRows / kPanel * kPanel,
                                                              paddedColumns(columns, dtype))
                                           : std::nullopt;
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
  const std::int64_t panelBytes = panelElements() * elementBytes(m_dtype);
  const std::int64_t unit = m_dtype == DType::F16 ? 2 : 4;
  for (std::int64_t row = firstRow; row < firstRow + count;) {
    const std::byte* from = source.data() + (row - firstRow) * rowBytes;
    std::byte* panelStart = m_data.data() + row / kPanel * panelBytes;
    if (row % kPanel == 0 && row + kPanel <= firstRow + count) {
      unit == 2 ? scatterPanel<std::uint16_t>(from, rowBytes, panelStart)
                : scatterPanel<std::uint32_t>(from, rowBytes, panelStart);
      row += kPanel;
      continue;
    }
    std::byte* lane = panelStart + row % kPanel * unit;
    unit == 2 ? scatterRow<std::uint16_t>(from, rowBytes, lane)
              : scatterRow<std::uint32_t>(from, rowBytes, lane);
    ++row;
  }
}

void PackedMatrix::unpackRow(std::int64_t row, std::span<float> out) const {
  assert(row >= 0 && row < m_rows && static_cast<std::int64_t>(out.size()) == m_columns);
  const std::byte* start = panel(row / kPanel);
  const std::int64_t lane = row % kPanel;
  for (std::int64_t c = 0; c < m_columns; ++c) {
    const std::int64_t index = elementOf(lane, c, m_dtype);
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
  return m_data.data() + index * panelElements() * elementBytes(m_dtype);
}

std::int64_t PackedMatrix::panelElements() const {
  return kPanel * paddedColumns(m_columns, m_dtype);
}

} // namespace switchyard::tensor
