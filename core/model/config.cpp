#include "core/model/config.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/config_parts.h"

namespace switchyard::model {

using base::ErrorCode;
using base::fail;
using base::Result;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;
constexpr std::string_view kCausalHead = "ForCausalLM";

/// "Ernie4_5_MoeForCausalLM" and "ernie4_5_moe" both give "ernie45moe".
std::string plainName(std::string_view name) {
  if (name.ends_with(kCausalHead))
    name.remove_suffix(kCausalHead.size());
  std::string plain;
  for (const char c : name)
    if (c != '_')
      plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return plain;
}

const FamilySpec* familyOfArchitecture(std::string_view architecture) {
  for (const FamilySpec& spec : familySpecs())
    if (plainName(spec.name) == plainName(architecture))
      return &spec;
  return nullptr;
}

/// The language model's own configuration: multimodal wrappers nest it under text_config and keep
/// a few of its keys outside.
json languageConfig(const json& config, bool& nested) {
  const auto text = config.find("text_config");
  nested = text != config.end() && text->is_object();
  if (!nested)
    return config;
  json inner = *text;
  for (const char* key : {"architectures", "bos_token_id", "dtype", "eos_token_id",
                          "quantization_config", "tie_word_embeddings", "torch_dtype"})
    if (config.contains(key) && !inner.contains(key))
      inner[key] = config[key];
  return inner;
}

Result<const FamilySpec*> findFamilyOf(ConfigReader& reader, bool nested, ModelConfig& config) {
  const auto architectures = SY_TRY(reader.texts({"architectures"}));
  if (architectures && !architectures->empty())
    config.architecture = architectures->front();
  const auto type = SY_TRY(reader.text({"model_type"}));
  const FamilySpec* byName = type ? findFamily(*type) : nullptr;
  const FamilySpec* byArchitecture = familyOfArchitecture(config.architecture);
  if (type && !byName)
    return reader.unsupported(
        "model_type",
        fmt::format("{} is dense or unknown to this version; supported mixture-of-experts "
                    "families: {}",
                    config.architecture.empty() ? "the architecture" : config.architecture,
                    supportedFamilies()));
  if (!type && !byArchitecture)
    return reader.unsupported(
        "architectures", fmt::format("there is no model_type, and this names no supported family; "
                                     "supported mixture-of-experts families: {}",
                                     supportedFamilies()));
  if (byName && byArchitecture && byName != byArchitecture)
    return reader.invalid("architectures", fmt::format("contradicts model_type {}", *type));
  if (!nested && !config.architecture.empty() && !config.architecture.ends_with(kCausalHead))
    return reader.unsupported("architectures", "only language models (...ForCausalLM) are run");
  return byName ? byName : byArchitecture;
}

} // namespace

std::string_view name(Family family) {
  for (const FamilySpec& spec : familySpecs())
    if (spec.family == family)
      return spec.name;
  return "unknown";
}

std::string supportedFamilies() {
  std::string list;
  for (const FamilySpec& spec : familySpecs())
    list += (list.empty() ? "" : ", ") + std::string(spec.name);
  return list;
}

Result<void> ModelConfig::checkToken(base::TokenId token, base::Where where) const {
  if (token.value >= 0 && token.value < vocabulary)
    return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("token id {} is outside the vocabulary of {}", token.value, vocabulary),
              std::move(where));
}

int ModelConfig::moeLayers() const {
  return static_cast<int>(std::ranges::count(moeLayer, true));
}

Result<ModelConfig> parseConfig(const json& document, const std::string& file) {
  if (!document.is_object())
    return fail(ErrorCode::InvalidFormat, "is no JSON object", {.file = file});
  ModelConfig config;
  const json object = languageConfig(document, config.nested);
  ConfigReader reader(object, file);
  const FamilySpec& spec = *SY_TRY(findFamilyOf(reader, config.nested, config));
  config.family = spec.family;
  SY_TRY(parseShape(reader, spec, config));
  SY_TRY(parseAttention(reader, spec, config));
  SY_TRY(parseLayers(reader, spec, config));
  SY_TRY(parseRope(reader, spec, file, config));
  SY_TRY(parseMoe(reader, spec, config));
  SY_TRY(parseStorage(reader, file, config));
  SY_TRY(refuseUnknownKeys(reader, object, spec));
  return config;
}

Result<ModelConfig> readConfig(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  const std::string text = SY_TRY(base::readTextFile(path, kMaxConfigBytes));
  const json document =
      SY_TRY(base::parseJson(text, {.maxBytes = kMaxConfigBytes}, {.file = path.string()}));
  return parseConfig(document, path.string());
}

} // namespace switchyard::model
