#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;
using nlohmann::json;

namespace {

struct KindName {
  std::string_view name;
  RopeKind kind;
};
constexpr KindName kKinds[] = {{"default", RopeKind::Default},   {"linear", RopeKind::Linear},
                               {"dynamic", RopeKind::Dynamic},   {"yarn", RopeKind::Yarn},
                               {"longrope", RopeKind::LongRope}, {"llama3", RopeKind::Llama3}};

/// Options by layer type are supported where all types say the same.
Result<const json*> flatten(ConfigReader& reader, std::string_view key, const json& options) {
  const json* common = nullptr;
  for (const auto& entry : options.items()) {
    if (!entry.key().ends_with("_attention"))
      continue;
    if (!entry.value().is_object() || (common && *common != entry.value()))
      return reader.unsupported(key, "rotary options that differ by layer type are not supported");
    common = &entry.value();
  }
  if (!common)
    return &options;
  for (const auto& entry : options.items())
    if (!entry.key().ends_with("_attention"))
      return reader.invalid(key, "mixes options by layer type with others");
  return common;
}

/// rope_scaling (older) or rope_parameters (newer), or null.
Result<const json*> findOptions(ConfigReader& reader) {
  const json* found = nullptr;
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    const json* options = SY_TRY(reader.find({key}));
    if (!options)
      continue;
    if (!options->is_object())
      return reader.invalid(key, "must be an object");
    if (options->empty())
      continue;
    options = SY_TRY(flatten(reader, key, *options));
    if (found && *found != *options)
      return reader.invalid(key, "contradicts rope_scaling");
    found = options;
  }
  return found;
}

/// The option of that name inside the rotary options or beside them; both must agree.
Result<std::optional<double>> besideOrInside(ConfigReader& reader, ConfigReader& options,
                                             std::string_view key) {
  const auto inside = SY_TRY(options.real({key}));
  const auto beside = SY_TRY(reader.real({key}));
  if (inside && beside && *inside != *beside)
    return reader.invalid(key, "contradicts the value among the rotary options");
  return inside ? inside : beside;
}

Result<std::vector<double>> pairFactors(ConfigReader& options, std::string_view key,
                                        const RopeConfig& rope) {
  const auto factors = SY_TRY(options.reals({key}));
  if (!factors || factors->size() != static_cast<std::size_t>(rope.rotaryDim / 2))
    return options.invalid(
        key, fmt::format("must hold {} factors, one per rotary pair", rope.rotaryDim / 2));
  if (std::ranges::any_of(*factors, [](double factor) {
        return factor < static_cast<double>(std::numeric_limits<float>::min());
      }))
    return options.invalid(key, "must hold factors greater than 0, in float32");
  return *factors;
}

Result<void> parseFactor(ConfigReader& options, RopeConfig& rope) {
  const bool byRatio = rope.kind == RopeKind::Yarn || rope.kind == RopeKind::LongRope;
  if (!byRatio && !options.has({"factor"}))
    return options.invalid("factor", "this rope_type needs it");
  const double ratio = static_cast<double>(rope.maxPositions) / rope.originalMaxPositions;
  rope.factor = SY_TRY(options.positiveOr({"factor"}, ratio));
  return {};
}

Result<void> parseKind(ConfigReader& options, RopeConfig& rope) {
  if (rope.kind == RopeKind::Default)
    return {};
  SY_TRY(parseFactor(options, rope));
  if (rope.kind == RopeKind::Dynamic && rope.rotaryDim < 4)
    return options.invalid("rope_type", "dynamic needs at least two rotary pairs");
  if (rope.kind == RopeKind::Yarn || rope.kind == RopeKind::LongRope)
    if (options.has({"attention_factor"}))
      rope.attentionFactor = SY_TRY(options.positiveOr({"attention_factor"}, 1.0));
  if (rope.kind == RopeKind::Yarn) {
    rope.betaFast = SY_TRY(options.positiveOr({"beta_fast"}, 32.0));
    rope.betaSlow = SY_TRY(options.positiveOr({"beta_slow"}, 1.0));
    rope.mscale = SY_TRY(options.real({"mscale"}));
    rope.mscaleAllDim = SY_TRY(options.real({"mscale_all_dim"}));
    rope.truncate = SY_TRY(options.booleanOr({"truncate"}, true));
  }
  if (rope.kind == RopeKind::Llama3) {
    rope.lowFreqFactor = SY_TRY(options.positiveOr({"low_freq_factor"}, 1.0));
    rope.highFreqFactor = SY_TRY(options.positiveOr({"high_freq_factor"}, 4.0));
    if (rope.highFreqFactor <= rope.lowFreqFactor)
      return options.invalid("high_freq_factor", "must be greater than low_freq_factor");
  }
  if (rope.kind == RopeKind::LongRope) {
    if (rope.originalMaxPositions < 2)
      return options.invalid("original_max_position_embeddings", "must be at least 2");
    rope.shortFactor = SY_TRY(pairFactors(options, "short_factor", rope));
    rope.longFactor = SY_TRY(pairFactors(options, "long_factor", rope));
  }
  return {};
}

Result<void> parseRotaryDim(ConfigReader& reader, ConfigReader& options, const FamilySpec& spec,
                            const ModelConfig& config, RopeConfig& rope) {
  const double partial =
      SY_TRY(besideOrInside(reader, options, "partial_rotary_factor")).value_or(spec.partialRotary);
  const int headDim = config.attention == AttentionKind::Mla ? config.mla.ropeDim : config.headDim;
  if (partial <= 0.0 || partial > 1.0)
    return reader.invalid("partial_rotary_factor", "must be above 0 and at most 1");
  if (partial < 1.0 && spec.partialRotary == 1.0)
    return reader.unsupported("partial_rotary_factor",
                              fmt::format("{} rotates whole heads", spec.name));
  // As in the reference, an odd part of a head is rounded up to whole pairs.
  rope.frequencyDim = static_cast<int>(headDim * partial);
  rope.rotaryDim = rope.frequencyDim + rope.frequencyDim % 2;
  const bool odd = rope.kind == RopeKind::Yarn && rope.frequencyDim % 2 != 0;
  if (rope.rotaryDim < 2 || rope.rotaryDim > headDim || odd)
    return reader.invalid(
        config.attention == AttentionKind::Mla ? "qk_rope_head_dim" : "head_dim",
        fmt::format("makes {} rotary dimensions, must be even and at least 2", rope.frequencyDim));
  return {};
}

/// What rope_parameters is when neither layout gives any.
const json& defaultOptions(Family family) {
  static const json kNone = json::object();
  static const json kGptOss = {{"rope_type", "yarn"}, {"factor", 32.0},
                               {"beta_fast", 32.0},   {"beta_slow", 1.0},
                               {"truncate", false},   {"original_max_position_embeddings", 4096}};
  return family == Family::GptOss ? kGptOss : kNone;
}

Result<RopeKind> parseType(ConfigReader& options) {
  const std::string type = SY_TRY(options.text({"rope_type", "type"})).value_or("default");
  const auto* kind = std::ranges::find(kKinds, type, &KindName::name);
  if (kind == std::end(kKinds))
    return options.unsupported(options.has({"rope_type"}) ? "rope_type" : "type",
                               "supported are default, linear, dynamic, yarn, longrope and llama3");
  return kind->kind;
}

/// Lengths up to which a configuration is meant to be used: scaling may reach beyond
/// max_position_embeddings, which then is the trained length.
int usablePositions(const RopeConfig& rope) {
  double reach = rope.maxPositions;
  if (rope.kind == RopeKind::Dynamic)
    reach = rope.factor * rope.maxPositions;
  if (rope.kind == RopeKind::Yarn)
    reach = rope.factor * rope.originalMaxPositions;
  return static_cast<int>(std::clamp(reach, static_cast<double>(rope.maxPositions),
                                     static_cast<double>(kMaxPositions)));
}

} // namespace

Result<void> parseRope(ConfigReader& reader, const FamilySpec& spec, const std::string& file,
                       ModelConfig& config) {
  const json* given = SY_TRY(findOptions(reader));
  const json& object = given ? *given : defaultOptions(spec.family);
  ConfigReader options(object, file,
                       reader.has({"rope_scaling"}) ? "rope_scaling." : "rope_parameters.");
  RopeConfig& rope = config.rope;
  rope.kind = SY_TRY(parseType(options));
  rope.interleaved = spec.ropeInterleaved;
  if (spec.family == Family::DeepseekV3)
    rope.interleaved = SY_TRY(reader.booleanOr({"rope_interleave"}, true));
  rope.maxPositions = config.maxPositions;
  rope.theta = SY_TRY(besideOrInside(reader, options, "rope_theta")).value_or(spec.theta);
  if (rope.theta <= 1.0)
    return reader.invalid("rope_theta",
                          fmt::format("{} is no base, must be greater than 1", rope.theta));
  SY_TRY(parseRotaryDim(reader, options, spec, config, rope));
  const auto inside =
      SY_TRY(options.integer({"original_max_position_embeddings"}, 1, kMaxPositions));
  const auto beside =
      SY_TRY(reader.integer({"original_max_position_embeddings"}, 1, kMaxPositions));
  if (inside && beside && *inside != *beside)
    return reader.invalid("original_max_position_embeddings",
                          "contradicts the value among the rotary options");
  rope.originalMaxPositions =
      static_cast<int>(inside ? *inside : beside.value_or(config.maxPositions));
  SY_TRY(parseKind(options, rope));
  if (spec.family == Family::PhiMoe && rope.kind != RopeKind::Default) {
    for (const char* key : {"short_mscale", "long_mscale"})
      if (!options.has({key}))
        return options.invalid(key, "phimoe needs it with this rope_type");
    rope.shortMscale = SY_TRY(options.real({"short_mscale"}));
    rope.longMscale = SY_TRY(options.real({"long_mscale"}));
  }
  options.accept({"finetuned"}); // a remark of published YaRN configurations
  for (const std::string& key : options.unread())
    if (options.has({key}))
      return options.unsupported(key, "is no option of this rope_type that this version knows");

  if (config.attention == AttentionKind::Mla && rope.mscaleAllDim.value_or(0.0) != 0.0) {
    // DeepSeek's attention scale grows with the square of YaRN's magnitude correction.
    const double mscale =
        rope.factor <= 1.0 ? 1.0 : 0.1 * *rope.mscaleAllDim * std::log(rope.factor) + 1.0;
    config.attentionScale = static_cast<float>(std::pow(config.headDim, -0.5) * mscale * mscale);
    if (!std::isfinite(config.attentionScale))
      return options.invalid("mscale_all_dim", "makes the attention scale infinite");
  }
  config.maxPositions = usablePositions(rope);
  return {};
}

} // namespace switchyard::model
