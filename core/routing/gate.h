#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/base/error.h"

namespace switchyard::routing {

/// How router logits become the scores that weights are gathered from.
enum class Score : std::uint8_t {
  SoftmaxAll,      ///< softmax over all E, then top-k (Mixtral, Qwen, OLMoE, DeepSeek-V2, ERNIE)
  SoftmaxSelected, ///< top-k of the logits, softmax over those k (gpt-oss, Granite)
  Sigmoid,         ///< sigmoid of each logit (DeepSeek-V3, dots1, GLM-4)
  SparseMixer,     ///< two masked softmaxes, k = 2 (Phi-3.5-MoE)
};

/// How groups of experts compete before experts do (node-limited routing).
enum class GroupScore : std::uint8_t {
  None,
  Max,     ///< DeepSeek-V2: a group is as good as its best expert
  Top2Sum, ///< DeepSeek-V3: the sum of its two best choice scores
};

enum class Renorm : std::uint8_t {
  None,
  Sum,      ///< w / (sum of selected + renormEps)
  ClampMin, ///< w / max(sum of selected, renormEps) (ERNIE's moe_norm_min)
};

/// A checkpoint's own routing rule. Everything is float32; ties: higher score, then lower id.
struct GateConfig {
  int experts = 0; ///< E
  int k = 0;
  Score score = Score::SoftmaxAll;
  GroupScore groupScore = GroupScore::None;
  int groups = 1;     ///< divides experts
  int groupsKept = 1; ///< <= groups
  /// What fills the choice scores of losing groups: -inf (transformers 5, DeepSeek's own code) or
  /// 0 (transformers 4: a negative choice bias can then elect an expert of a losing group).
  /// DeepSeek-V2 (GroupScore::Max) fills 0; its scores are positive, so ids differ only where
  /// probabilities underflow.
  float groupFill = -std::numeric_limits<float>::infinity();
  Renorm renorm = Renorm::None;
  float renormEps = 0.0f;
  float scale = 1.0f;   ///< multiplies the weights last (routed_scaling_factor)
  float jitter = 0.01f; ///< SparseMixer's epsilon (router_jitter_noise)
};

/// Where route() writes. ids and weights are required, the rest may be empty.
struct Selection {
  std::span<std::int32_t> ids{};   ///< [rows, k] by falling choice score (SparseMixer: pick order)
  std::span<float> weights{};      ///< [rows, k] exactly what multiplies the expert's output
  std::span<float> rawWeights{};   ///< [rows, k] gathered scores before renorm and scale
  std::span<float> probs{};        ///< [rows, E] sigmoid of each logit, else softmax over all E
  std::span<float> biasedScores{}; ///< [rows, E] what the selection ranked (losing groups filled)
};

/// Checks k, groups and ranges once, before any routing. Error InvalidArgument names the field.
base::Result<void> validate(const GateConfig& gate);

/// Routes rows of logits [rows, E] (raw router output, router bias included).
/// choiceBias: [E] added to the scores for choosing only, or empty.
/// Slots that cannot be filled (SparseMixer with one finite logit) get hooks' -1 and weight 0.
/// Errors: NonFinite (a row with NaN, +inf, or all -inf: names the row; a choice bias that is not
/// finite: names the expert), InvalidArgument (sizes of the spans). Nothing is written then.
/// The gate must have passed validate(). Reentrant, allocation-free for E <= 1024.
/// O(rows * E log k).
base::Result<void> route(const GateConfig& gate, std::span<const float> logits,
                         std::span<const float> choiceBias, const Selection& out);

} // namespace switchyard::routing
