#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;
using routing::GateConfig;
using routing::GroupScore;
using routing::Renorm;

namespace {

/// An option of which only the family's own values are implemented.
Result<void> requireOneOf(ConfigReader& reader, std::string_view key,
                          std::initializer_list<std::string_view> values) {
  const auto value = SY_TRY(reader.text({key}));
  if (!value)
    return {};
  std::string list;
  for (const std::string_view supported : values) {
    if (*value == supported)
      return {};
    list += (list.empty() ? "" : ", ") + std::string(supported);
  }
  return reader.unsupported(key, fmt::format("supported here: {}", list));
}

Result<void> parseGroups(ConfigReader& reader, const FamilySpec& spec, GateConfig& gate) {
  if (spec.groupScore == GroupScore::None)
    return {};
  bool grouped = true;
  if (spec.family == Family::DeepseekV2) {
    SY_TRY(requireOneOf(reader, "topk_method", {"greedy", "group_limited_greedy"}));
    SY_TRY(requireOneOf(reader, "scoring_func", {"softmax"}));
    grouped = SY_TRY(reader.text({"topk_method"})).value_or("greedy") == "group_limited_greedy";
    gate.groupFill = 0.0f;
  } else {
    SY_TRY(requireOneOf(reader, "topk_method", {"noaux_tc"}));
    // dots1 publishes the name of the method here; it means sigmoid.
    SY_TRY(requireOneOf(reader, "scoring_func", {"sigmoid", "noaux_tc"}));
  }
  reader.accept({"n_group", "topk_group"});
  if (!grouped)
    return {};
  gate.groups = SY_TRY(reader.integerOr({"n_group"}, 1, kMaxExperts, spec.groups));
  gate.groupsKept = SY_TRY(reader.integerOr({"topk_group"}, 1, kMaxExperts, spec.groupsKept));
  if (gate.groups == 0 || gate.groupsKept == 0)
    return reader.invalid(gate.groups == 0 ? "n_group" : "topk_group",
                          "topk_method group_limited_greedy needs it");
  if (gate.experts % gate.groups != 0)
    return reader.invalid("n_group", fmt::format("must divide the {} experts", gate.experts));
  if (gate.groupsKept > gate.groups)
    return reader.invalid("topk_group", fmt::format("is more than n_group, {}", gate.groups));
  gate.groupScore = gate.groups == 1 ? GroupScore::None : spec.groupScore;
  return {};
}

Result<void> parseRenorm(ConfigReader& reader, const FamilySpec& spec, GateConfig& gate) {
  gate.renormEps = spec.renormEps;
  switch (spec.renorm) {
  case RenormRule::Never:
    // The reference's deepseek_v2 has the flag and never renormalises.
    if (spec.family == Family::DeepseekV2)
      SY_TRY(reader.booleanOr({"norm_topk_prob"}, false));
    break;
  case RenormRule::Always:
    gate.renorm = Renorm::Sum;
    break;
  case RenormRule::Flag:
    if (SY_TRY(reader.booleanOr({"norm_topk_prob"}, spec.renormByDefault)))
      gate.renorm = Renorm::Sum;
    break;
  case RenormRule::NormMin:
    gate.renorm = Renorm::ClampMin;
    gate.renormEps =
        static_cast<float>(SY_TRY(reader.positiveOr({"moe_norm_min"}, gate.renormEps)));
    break;
  }
  return {};
}

Result<void> parseGate(ConfigReader& reader, const FamilySpec& spec, GateConfig& gate) {
  gate.experts = SY_TRY(
      reader.integerOr({"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"},
                       1, kMaxExperts, spec.experts));
  if (gate.experts == 0)
    return reader.invalid("n_routed_experts", fmt::format("{} needs it", spec.name));
  gate.k = SY_TRY(reader.integerOr({"num_experts_per_tok", "moe_k", "experts_per_token"}, 1,
                                   kMaxExperts, spec.k));
  if (gate.k == 0)
    return reader.invalid("num_experts_per_tok", fmt::format("{} needs it", spec.name));
  if (gate.k > gate.experts)
    return reader.invalid(reader.has({"moe_k"}) ? "moe_k" : "num_experts_per_tok",
                          fmt::format("is more than the {} experts", gate.experts));
  gate.score = spec.score;
  SY_TRY(parseGroups(reader, spec, gate));
  SY_TRY(parseRenorm(reader, spec, gate));
  gate.scale = 1.0f;
  if (spec.groupScore != GroupScore::None)
    gate.scale = static_cast<float>(SY_TRY(reader.realOr({"routed_scaling_factor"}, spec.scale)));
  if (spec.score == routing::Score::SparseMixer) {
    if (gate.k != 2)
      return reader.unsupported("num_experts_per_tok", "SparseMixer routing picks exactly 2");
    gate.jitter = static_cast<float>(SY_TRY(reader.realOr({"router_jitter_noise"}, 0.01)));
  }
  if (const auto valid = routing::validate(gate); !valid)
    return reader.invalid("num_experts_per_tok", valid.error().message);
  return {};
}

Result<void> parseShared(ConfigReader& reader, const FamilySpec& spec, MoeConfig& moe) {
  switch (spec.shared) {
  case SharedRule::None:
    return {};
  case SharedRule::Width:
    moe.shared = SharedKind::SigmoidGated;
    moe.sharedWidth = SY_TRY(
        reader.integerOr({"shared_expert_intermediate_size"}, 1, kMaxWidth, spec.sharedDefault));
    return {};
  case SharedRule::Count:
    break;
  }
  const int fallback = reader.isNull("n_shared_experts") ? 0 : spec.sharedDefault;
  const int count = SY_TRY(
      reader.integerOr({"n_shared_experts", "moe_num_shared_experts"}, 0, kMaxExperts, fallback));
  const std::int64_t width = static_cast<std::int64_t>(count) * moe.width;
  if (width > kMaxWidth)
    return reader.invalid(reader.has({"n_shared_experts"}) ? "n_shared_experts"
                                                           : "moe_num_shared_experts",
                          fmt::format("shared experts are wider than {}", kMaxWidth));
  moe.shared = count > 0 ? SharedKind::Plain : SharedKind::None;
  moe.sharedWidth = static_cast<int>(width);
  return {};
}

} // namespace

Result<void> parseMoe(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  MoeConfig& moe = config.moe;
  SY_TRY(parseGate(reader, spec, moe.gate));
  moe.width = SY_TRY(reader.integerOr({spec.expertWidthKey}, 1, kMaxWidth, spec.expertWidth));
  SY_TRY(parseShared(reader, spec, moe));
  moe.routerBias = spec.routerBias;
  moe.choiceBias = spec.choiceBias;
  moe.activation = spec.activation;
  moe.expertBias = spec.activation == Activation::ClampedGlu;
  if (moe.activation == Activation::ClampedGlu) {
    moe.gluAlpha = static_cast<float>(SY_TRY(reader.positiveOr({"swiglu_alpha"}, 1.702)));
    moe.gluLimit = static_cast<float>(SY_TRY(reader.positiveOr({"swiglu_limit"}, 7.0)));
  }
  if (spec.family == Family::Ernie45Moe) {
    SY_TRY(requireOneOf(reader, "moe_gate", {"topk"}));
    SY_TRY(requireOneOf(reader, "moe_gate_act", {"softmax"}));
    moe.choiceBias = SY_TRY(reader.booleanOr({"moe_use_aux_free"}, true));
  }
  return {};
}

} // namespace switchyard::model
