#include <limits>

#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;
using nlohmann::json;

namespace {

constexpr int kMaxTokenId = std::numeric_limits<std::int32_t>::max();

Result<void> parseTokens(ConfigReader& reader, const FamilySpec& spec, const json* eos,
                         ModelConfig& config) {
  // Absent means the family's default, null and -1 mean none.
  if (const auto bos = SY_TRY(reader.integer({"bos_token_id"}, -1, kMaxTokenId))) {
    if (*bos >= 0)
      config.bosToken = static_cast<std::int32_t>(*bos);
  } else if (reader.missing("bos_token_id") && spec.bos >= 0) {
    config.bosToken = spec.bos;
  }
  if (!eos) {
    if (reader.missing("eos_token_id") && spec.eos >= 0)
      config.eosTokens.push_back(spec.eos);
    return {};
  }
  if (!eos->is_array()) {
    const auto id = SY_TRY(reader.integer({"eos_token_id"}, -1, kMaxTokenId));
    if (*id >= 0)
      config.eosTokens.push_back(static_cast<std::int32_t>(*id));
    return {};
  }
  const auto ids = SY_TRY(reader.integers({"eos_token_id"}));
  for (const std::int64_t id : *ids) {
    if (id < 0 || id > kMaxTokenId)
      return reader.invalid("eos_token_id", "must hold token ids");
    config.eosTokens.push_back(static_cast<std::int32_t>(id));
  }
  return {};
}

} // namespace

Result<void> parseShape(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  config.layers = SY_TRY(reader.integerOr({"num_hidden_layers"}, 1, kMaxLayers, spec.layers));
  config.hidden = SY_TRY(reader.integerOr({"hidden_size"}, 1, kMaxWidth, spec.hidden));
  config.vocabulary = SY_TRY(reader.integerOr({"vocab_size"}, 1, kMaxVocabulary, spec.vocabulary));
  config.maxPositions =
      SY_TRY(reader.integerOr({"max_position_embeddings"}, 1, kMaxPositions, spec.maxPositions));
  config.norm = spec.norm;
  config.placement = spec.placement;
  config.normEps = static_cast<float>(SY_TRY(reader.positiveOr({"rms_norm_eps"}, spec.normEps)));
  config.tiedEmbeddings = SY_TRY(reader.booleanOr({"tie_word_embeddings"}, spec.tied));
  config.predictionLayers = SY_TRY(reader.integerOr({"num_nextn_predict_layers", "num_mtp_layers"},
                                                    0, kMaxLayers, spec.predictionLayers));
  const auto activation = SY_TRY(reader.text({"hidden_act"}));
  if (activation && *activation != "silu" && *activation != "swish")
    return reader.unsupported("hidden_act", "only silu (swish) is supported");
  if (spec.family == Family::GraniteMoe) {
    config.embeddingMultiplier =
        static_cast<float>(SY_TRY(reader.realOr({"embedding_multiplier"}, 1.0)));
    config.residualMultiplier =
        static_cast<float>(SY_TRY(reader.realOr({"residual_multiplier"}, 1.0)));
    config.logitsDivisor = static_cast<float>(SY_TRY(reader.positiveOr({"logits_scaling"}, 1.0)));
  }
  if (spec.family == Family::PhiMoe)
    config.lmHeadBias = SY_TRY(reader.booleanOr({"lm_head_bias"}, false));
  const json* eos = SY_TRY(reader.find({"eos_token_id"}));
  return parseTokens(reader, spec, eos, config);
}

} // namespace switchyard::model
