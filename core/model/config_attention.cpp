#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;

namespace {

constexpr int kMaxHeadDim = 1 << 16;

Result<void> parseBiases(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  switch (spec.bias) {
  case BiasRule::None:
    break;
  case BiasRule::AttentionBias:
    config.qkvBias = SY_TRY(reader.booleanOr({"attention_bias"}, spec.biasByDefault));
    config.outputBias = config.qkvBias;
    break;
  case BiasRule::AttentionBiasQkv:
    config.qkvBias = SY_TRY(reader.booleanOr({"attention_bias"}, spec.biasByDefault));
    break;
  case BiasRule::QkvBias:
    config.qkvBias = SY_TRY(reader.booleanOr({"qkv_bias"}, spec.biasByDefault));
    break;
  case BiasRule::LatentBias:
    config.qkvABias = SY_TRY(reader.booleanOr({"attention_bias"}, spec.biasByDefault));
    config.outputBias = config.qkvABias;
    if (spec.family == Family::DeepseekV2)
      config.mlpBias = SY_TRY(reader.booleanOr({"mlp_bias"}, false));
    break;
  case BiasRule::UseBias:
    config.qkvBias = SY_TRY(reader.booleanOr({"use_bias"}, spec.biasByDefault));
    config.outputBias = config.qkvBias;
    config.mlpBias = config.qkvBias;
    config.lmHeadBias = config.qkvBias;
    break;
  }
  return {};
}

Result<void> parseLatent(ConfigReader& reader, ModelConfig& config) {
  MlaConfig& mla = config.mla;
  if (config.kvHeads != config.heads)
    return reader.unsupported(
        "num_key_value_heads",
        fmt::format("latent attention needs as many as the {} heads", config.heads));
  // null is a value here: no LoRA on the queries.
  if (!reader.isNull("q_lora_rank"))
    mla.qLoraRank = SY_TRY(reader.integerOr({"q_lora_rank"}, 1, kMaxWidth, 1536));
  mla.kvLoraRank = SY_TRY(reader.integerOr({"kv_lora_rank"}, 1, kMaxWidth, 512));
  mla.nopeDim = SY_TRY(reader.integerOr({"qk_nope_head_dim"}, 1, kMaxHeadDim, 128));
  mla.ropeDim = SY_TRY(reader.integerOr({"qk_rope_head_dim"}, 2, kMaxHeadDim, 64));
  mla.valueDim = SY_TRY(reader.integerOr({"v_head_dim"}, 1, kMaxHeadDim, 128));
  config.headDim = mla.nopeDim + mla.ropeDim;
  // The reference derives these two and overrides what the file says.
  reader.accept({"q_lora_rank", "head_dim", "qk_head_dim"});
  return {};
}

} // namespace

Result<void> parseAttention(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  config.attention = spec.attention;
  config.heads = SY_TRY(reader.integerOr({"num_attention_heads"}, 1, kMaxHeads, spec.heads));
  // An explicit null means as many as heads, whatever the family's default.
  const int kvDefault =
      spec.kvHeads == 0 || reader.isNull("num_key_value_heads") ? config.heads : spec.kvHeads;
  config.kvHeads = SY_TRY(reader.integerOr({"num_key_value_heads"}, 1, kMaxHeads, kvDefault));
  if (config.heads % config.kvHeads != 0)
    return reader.invalid("num_key_value_heads",
                          fmt::format("must divide num_attention_heads, {}", config.heads));
  if (config.attention == AttentionKind::Mla) {
    SY_TRY(parseLatent(reader, config));
  } else {
    const int implied = spec.headDim > 0 ? spec.headDim : config.hidden / config.heads;
    config.headDim = SY_TRY(reader.integerOr({"head_dim"}, 1, kMaxHeadDim, implied));
    if (config.headDim < 1)
      return reader.invalid("num_attention_heads",
                            fmt::format("is more than hidden_size, {}", config.hidden));
  }
  const std::int64_t widest = static_cast<std::int64_t>(config.heads) *
                              std::max(config.headDim, config.mla.nopeDim + config.mla.valueDim);
  if (widest > kMaxWidth)
    return reader.invalid("num_attention_heads",
                          fmt::format("heads of {} values make projections wider than {}",
                                      config.headDim, kMaxWidth));
  SY_TRY(parseBiases(reader, spec, config));
  config.qkNorm = spec.qkNorm;
  if (spec.family == Family::Glm4Moe && !SY_TRY(reader.booleanOr({"use_qk_norm"}, false)))
    config.qkNorm = QkNorm::None;
  config.sinks = spec.sinks;
  if (spec.family == Family::Olmoe)
    if (const auto clip = SY_TRY(reader.real({"clip_qkv"}))) {
      if (*clip <= 0.0)
        return reader.invalid("clip_qkv", "must be greater than 0, or null for no clipping");
      config.clipQkv = static_cast<float>(*clip);
    }
  config.attentionScale = static_cast<float>(std::pow(config.headDim, -0.5));
  if (spec.family == Family::GraniteMoe)
    config.attentionScale =
        static_cast<float>(SY_TRY(reader.realOr({"attention_multiplier"}, 1.0)));
  return {};
}

} // namespace switchyard::model
