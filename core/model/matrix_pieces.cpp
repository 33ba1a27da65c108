#include <cstring>

#include <fmt/format.h>

#include "core/checkpoint/dequantize.h"
#include "core/model/load_plan.h"

namespace switchyard::model {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using checkpoint::TensorInfo;
using tensor::DType;
using Bytes = std::vector<std::byte>;

std::size_t bytesPerElement(DType dtype) {
  return static_cast<std::size_t>(tensor::bitsOf(dtype)) / 8;
}

/// Rows first, first + step, ... of row-major [allRows, columns] elements of `size` bytes.
Bytes everyRow(const Bytes& source, std::int64_t allRows, std::size_t rowBytes, std::int64_t first,
               std::int64_t step) {
  Bytes out;
  for (std::int64_t row = first; row < allRows; row += step) {
    const auto* begin = source.data() + static_cast<std::size_t>(row) * rowBytes;
    out.insert(out.end(), begin, begin + rowBytes);
  }
  return out;
}

} // namespace

Result<MatrixPiece> LoadPlan::piece(const std::string& name, std::int64_t rows,
                                    std::int64_t columns) {
  const TensorInfo* found = m_checkpoint.find(name);
  if (!found || found->dtype != DType::F8E4M3 || m_config.quantization != Quantization::Fp8Block)
    return slicePiece(name, 0, 0, rows, 0, rows, columns);
  const TensorInfo* info = SY_TRY(require(name, {rows, columns}));
  const std::int64_t blockRows = m_config.fp8BlockRows;
  const std::int64_t blockColumns = m_config.fp8BlockColumns;
  const std::string scaleName = name + "_scale_inv";
  const std::uint64_t before = m_parameters; // scales are not parameters
  const TensorInfo* scale =
      SY_TRY(requireFloat(scaleName, {(rows + blockRows - 1) / blockRows,
                                      (columns + blockColumns - 1) / blockColumns}));
  m_parameters = before;
  const checkpoint::Checkpoint* source = &m_checkpoint;
  return MatrixPiece{rows, DType::F32, [=](Bytes& out) -> Result<void> {
                       Bytes codes(static_cast<std::size_t>(rows * columns));
                       SY_TRY(source->read(*info, 0, codes));
                       Bytes scaleBytes(static_cast<std::size_t>(scale->bytes()));
                       SY_TRY(source->read(*scale, 0, scaleBytes));
                       std::vector<float> scales(scaleBytes.size() / bytesPerElement(scale->dtype));
                       SY_TRY(checkpoint::toF32(scale->dtype, scaleBytes, scales));
                       out.resize(codes.size() * sizeof(float));
                       return checkpoint::fp8BlockToF32(
                           codes, scales, rows, columns, blockRows, blockColumns,
                           {reinterpret_cast<float*>(out.data()), codes.size()});
                     }};
}

Result<MatrixPiece> LoadPlan::slicePiece(const std::string& name, std::int64_t slices,
                                         std::int64_t index, std::int64_t rowsPerSlice,
                                         std::int64_t firstRow, std::int64_t rows,
                                         std::int64_t columns) {
  std::vector<std::int64_t> shape = {rowsPerSlice, columns};
  if (slices > 0)
    shape.insert(shape.begin(), slices);
  const TensorInfo* info = SY_TRY(requireFloat(name, std::move(shape)));
  const std::size_t rowBytes = static_cast<std::size_t>(columns) * bytesPerElement(info->dtype);
  const auto offset = static_cast<std::uint64_t>(index * rowsPerSlice + firstRow) * rowBytes;
  const checkpoint::Checkpoint* source = &m_checkpoint;
  return MatrixPiece{rows, info->dtype, [=](Bytes& out) -> Result<void> {
                       out.resize(static_cast<std::size_t>(rows) * rowBytes);
                       return source->read(*info, offset, out);
                     }};
}

Result<MatrixPiece> LoadPlan::transposedPiece(const std::string& name, std::int64_t slices,
                                              std::int64_t index, std::int64_t columns,
                                              std::int64_t width, std::int64_t first,
                                              std::int64_t step) {
  const TensorInfo* info = SY_TRY(requireFloat(name, {slices, columns, width}));
  const std::size_t size = bytesPerElement(info->dtype);
  const std::size_t sliceBytes = static_cast<std::size_t>(columns * width) * size;
  const std::int64_t rows = (width - first + step - 1) / step;
  const checkpoint::Checkpoint* source = &m_checkpoint;
  return MatrixPiece{
      rows, info->dtype, [=](Bytes& out) -> Result<void> {
        Bytes slice(sliceBytes);
        SY_TRY(source->read(*info, static_cast<std::uint64_t>(index) * sliceBytes, slice));
        out.resize(static_cast<std::size_t>(rows * columns) * size);
        for (std::int64_t c = 0; c < columns; ++c)
          for (std::int64_t r = 0; r < rows; ++r)
            std::memcpy(
                out.data() + static_cast<std::size_t>(r * columns + c) * size,
                slice.data() + static_cast<std::size_t>(c * width + first + r * step) * size, size);
        return {};
      }};
}

Result<MatrixPiece> LoadPlan::mxfp4Piece(const std::string& name, std::int64_t slices,
                                         std::int64_t index, std::int64_t allRows,
                                         std::int64_t columns, std::int64_t first,
                                         std::int64_t step) {
  constexpr std::int64_t kBlock = 32; // elements that share a scale, 16 bytes
  if (columns % kBlock != 0)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("MXFP4 rows of {} elements are no multiple of {}", columns, kBlock),
                {.tensor = name});
  const std::int64_t blocksPerRow = columns / kBlock;
  const std::uint64_t before = m_parameters;
  const bool firstUse = !m_used.contains(name + "_blocks");
  const TensorInfo* blocks =
      SY_TRY(require(name + "_blocks", {slices, allRows, blocksPerRow, kBlock / 2}));
  const TensorInfo* scales = SY_TRY(require(name + "_scales", {slices, allRows, blocksPerRow}));
  // Two elements a byte; scales are not parameters.
  m_parameters = before + (firstUse ? static_cast<std::uint64_t>(slices * allRows * columns) : 0);
  for (const TensorInfo* info : {blocks, scales})
    if (info->dtype != DType::U8)
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("is stored as {}, MXFP4 needs U8", tensor::name(info->dtype)),
                  {.tensor = info->name});
  const std::int64_t rows = (allRows - first + step - 1) / step;
  const checkpoint::Checkpoint* source = &m_checkpoint;
  return MatrixPiece{
      rows, DType::BF16, [=](Bytes& out) -> Result<void> {
        const auto scaleCount = static_cast<std::size_t>(allRows * blocksPerRow);
        Bytes codes(scaleCount * (kBlock / 2));
        Bytes exponents(scaleCount);
        const auto slice = static_cast<std::uint64_t>(index);
        SY_TRY(source->read(*blocks, slice * codes.size(), codes));
        SY_TRY(source->read(*scales, slice * exponents.size(), exponents));
        const std::size_t rowBytes = static_cast<std::size_t>(columns) * sizeof(std::uint16_t);
        const Bytes wanted =
            everyRow(codes, allRows, static_cast<std::size_t>(columns) / 2, first, step);
        const Bytes wantedScales =
            everyRow(exponents, allRows, static_cast<std::size_t>(blocksPerRow), first, step);
        out.resize(static_cast<std::size_t>(rows) * rowBytes);
        return checkpoint::mxfp4ToBf16(
            wanted, wantedScales,
            {reinterpret_cast<std::uint16_t*>(out.data()), out.size() / sizeof(std::uint16_t)});
      }};
}

} // namespace switchyard::model
