#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;
using nlohmann::json;

namespace {

constexpr int kMaxBlock = 1 << 16;

Result<void> parseFp8(ConfigReader& reader, ModelConfig& config) {
  const auto format = SY_TRY(reader.text({"fmt"}));
  if (format && *format != "e4m3")
    return reader.unsupported("fmt", "only e4m3 is supported");
  const auto scheme = SY_TRY(reader.text({"activation_scheme"}));
  if (scheme && *scheme != "dynamic")
    return reader.unsupported("activation_scheme", "only dynamic is supported");
  if (reader.isNull("weight_block_size"))
    return reader.unsupported("weight_block_size",
                              "only scales per block of [rows, columns] are supported");
  if (const auto block = SY_TRY(reader.integers({"weight_block_size"}))) {
    if (block->size() != 2 || block->front() < 1 || block->back() < 1 ||
        block->front() > kMaxBlock || block->back() > kMaxBlock)
      return reader.invalid("weight_block_size",
                            fmt::format("must be two integers from 1 to {}", kMaxBlock));
    config.fp8BlockRows = static_cast<int>(block->front());
    config.fp8BlockColumns = static_cast<int>(block->back());
  }
  // Scales rounded to powers of two are stored like any others.
  const auto scale = SY_TRY(reader.text({"scale_fmt"}));
  if (scale && *scale != "ue8m0" && *scale != "float")
    return reader.unsupported("scale_fmt", "only float and ue8m0 are supported");
  config.quantization = Quantization::Fp8Block;
  return {};
}

} // namespace

Result<void> parseStorage(ConfigReader& reader, const std::string& file, ModelConfig& config) {
  config.dtype = SY_TRY(reader.text({"dtype", "torch_dtype"})).value_or("");
  if (reader.has({"compression_config"}))
    return reader.unsupported("compression_config", "compressed checkpoints are not supported");
  const json* quantization = SY_TRY(reader.find({"quantization_config"}));
  if (!quantization)
    return {};
  if (!quantization->is_object())
    return reader.invalid("quantization_config", "must be an object");
  ConfigReader inner(*quantization, file, "quantization_config.");
  const auto method = SY_TRY(inner.text({"quant_method"}));
  // What is not converted shows in the dtype of each tensor.
  inner.accept({"modules_to_not_convert", "dequantize"});
  if (method == "fp8")
    SY_TRY(parseFp8(inner, config));
  else if (method == "mxfp4" && config.family == Family::GptOss)
    config.quantization = Quantization::Mxfp4;
  else
    return inner.unsupported("quant_method",
                             "supported are fp8 (blocks of e4m3) and, for gpt_oss, mxfp4");
  for (const std::string& key : inner.unread())
    if (inner.has({key}))
      return inner.unsupported(key, "is not known to this version");
  return {};
}

} // namespace switchyard::model
