#include "core/model/load_plan.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace switchyard::model {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using checkpoint::TensorInfo;
using tensor::DType;

bool isPlainFloat(DType dtype) {
  return dtype == DType::F32 || dtype == DType::BF16 || dtype == DType::F16;
}

std::size_t bytesPerElement(DType dtype) {
  return static_cast<std::size_t>(tensor::bitsOf(dtype)) / 8;
}

/// The number behind `prefix` in a tensor's name.
std::optional<int> layerOf(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix))
    return std::nullopt;
  const std::string_view rest = name.substr(prefix.size());
  const std::string_view digits = rest.substr(0, rest.find('.'));
  int layer = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
  if (error != std::errc{} || end != digits.data() + digits.size() || layer < 0)
    return std::nullopt;
  return layer;
}

} // namespace

DType commonDType(const std::vector<MatrixPiece>& pieces) {
  const DType first = pieces.front().dtype;
  const bool agree = std::ranges::all_of(
      pieces, [first](const MatrixPiece& piece) { return piece.dtype == first; });
  return agree ? first : DType::F32;
}

LoadPlan::LoadPlan(const checkpoint::Checkpoint& checkpoint, const ModelConfig& config)
    : m_checkpoint(checkpoint), m_config(config) {}

bool LoadPlan::has(const std::string& name) const {
  return m_checkpoint.find(name) != nullptr;
}

Result<const TensorInfo*> LoadPlan::require(const std::string& name,
                                            std::vector<std::int64_t> shape) {
  const TensorInfo* info = m_checkpoint.find(name);
  if (!info)
    return fail(ErrorCode::NotFound,
                "the checkpoint lacks this tensor, which its config.json calls for",
                {.tensor = name});
  if (info->shape != shape)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("has shape [{}], config.json calls for [{}]",
                            fmt::join(info->shape, ", "), fmt::join(shape, ", ")),
                {.tensor = name});
  if (m_used.insert(name).second)
    m_parameters += info->bytes() * 8 / static_cast<std::uint64_t>(tensor::bitsOf(info->dtype));
  return info;
}

Result<const TensorInfo*> LoadPlan::requireFloat(const std::string& name,
                                                 std::vector<std::int64_t> shape) {
  const TensorInfo* info = SY_TRY(require(name, std::move(shape)));
  if (!isPlainFloat(info->dtype))
    return fail(ErrorCode::Unsupported,
                fmt::format("is stored as {}; F32, BF16, F16, and for the formats named in "
                            "quantization_config block F8_E4M3 and MXFP4, are supported",
                            tensor::name(info->dtype)),
                {.tensor = name});
  return info;
}

void LoadPlan::matrix(std::string name, tensor::PackedMatrix& target, std::int64_t columns,
                      std::vector<MatrixPiece> pieces, bool checkFinite) {
  m_matrices.push_back({std::move(name), &target, columns, std::move(pieces), checkFinite});
}

Result<void> LoadPlan::vector(const std::string& name, std::int64_t count,
                              std::vector<float>& target, bool append, bool checkFinite) {
  const TensorInfo* found = m_checkpoint.find(name);
  const bool leadingOne = found && found->shape.size() == 2 && found->shape.front() == 1;
  const TensorInfo* info = SY_TRY(requireFloat(
      name, leadingOne ? std::vector<std::int64_t>{1, count} : std::vector<std::int64_t>{count}));
  m_vectors.push_back({info, &target, 0, 1, count, append, checkFinite});
  return {};
}

Result<void> LoadPlan::vectorRow(const std::string& name, std::int64_t rows, std::int64_t width,
                                 std::int64_t index, std::int64_t first, std::int64_t step,
                                 std::vector<float>& target) {
  const TensorInfo* info = SY_TRY(requireFloat(name, {rows, width}));
  m_vectors.push_back({info, &target, index * width + first, step,
                       (width - first + step - 1) / step, false, false});
  return {};
}

std::uint64_t LoadPlan::weightBytes() const {
  std::uint64_t bytes = 0;
  for (const MatrixTask& task : m_matrices) {
    std::int64_t rows = 0;
    for (const MatrixPiece& piece : task.pieces)
      rows += piece.rows;
    bytes +=
        static_cast<std::uint64_t>(rows * task.columns) * bytesPerElement(commonDType(task.pieces));
  }
  for (const VectorTask& task : m_vectors)
    bytes += static_cast<std::uint64_t>(task.count) * sizeof(float);
  return bytes;
}

Result<void> LoadPlan::checkNothingLeft(std::string_view root) const {
  const std::string layers = std::string(root) + "layers.";
  for (const TensorInfo& info : m_checkpoint.tensors()) {
    const std::string_view name = info.name;
    const bool otherPart = m_config.nested && !name.starts_with(root); // a vision tower, say
    if (m_used.contains(info.name) || otherPart || name.ends_with("rotary_emb.inv_freq") ||
        (m_config.tiedEmbeddings && name.ends_with("lm_head.weight")) ||
        name.starts_with("model.mtp_"))
      continue;
    if (const auto layer = layerOf(name, layers); layer && *layer >= m_config.layers) {
      if (*layer < m_config.layers + m_config.predictionLayers)
        continue;
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("belongs to a layer beyond config.json's num_hidden_layers of {}",
                              m_config.layers),
                  {.tensor = info.name});
    }
    return fail(ErrorCode::Unsupported,
                fmt::format("is a tensor that this version does not use for {}; running without "
                            "it would give other numbers",
                            model::name(m_config.family)),
                {.tensor = info.name});
  }
  return {};
}

} // namespace switchyard::model
