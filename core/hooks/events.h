#pragma once

#include <cstdint>
#include <span>

#include "core/base/ids.h"

namespace switchyard::hooks {

/// Points of a forward pass that can be observed; a set of them is their bitwise or.
/// Names follow llama.cpp's graph (ffn_moe_logits, _probs, _probs_biased, _topk, _weights, ...).
enum class Point : std::uint32_t {
  RouterInput = 1u << 0,  ///< what the router multiplies, f32 [rows, hidden]
  RouterLogits = 1u << 1, ///< raw router output, before score function and biases, f32 [rows, E]
  Probs = 1u << 2,        ///< after the score function, f32 [rows, E]
  BiasedScores =
      1u << 3,    ///< the scores that selection ranks (choice bias, group mask), f32 [rows, E]
  TopK = 1u << 4, ///< selected experts [rows, k], rank order
  RawWeights = 1u << 5,  ///< gathered scores before normalising and scaling, f32 [rows, k]
  Weights = 1u << 6,     ///< exactly what multiplies each expert's output, f32 [rows, k]
  ExpertNorms = 1u << 7, ///< L2 norm of each selected expert's output before weighting [rows, k]
  MoeOutput = 1u << 8,   ///< output of the MoE block, shared experts included, f32 [rows, hidden]
  Hidden = 1u << 9,      ///< residual stream, f32 [rows, hidden]; see HiddenEvent
  LmLogits = 1u << 10,   ///< next-token logits, f32 [rows, vocabulary]
};

using PointSet = std::uint32_t;
constexpr PointSet operator|(Point a, Point b) {
  return static_cast<PointSet>(a) | static_cast<PointSet>(b);
}
constexpr PointSet operator|(PointSet a, Point b) {
  return a | static_cast<PointSet>(b);
}
constexpr bool contains(PointSet set, Point point) {
  return (set & static_cast<PointSet>(point)) != 0;
}

/// Which token a row of a batch is.
struct RowInfo {
  base::SequenceId sequence;
  base::TokenPos position;
  base::TokenId token;
};

/// Marks an unused slot of a selection.
constexpr std::int32_t kNoExpert = -1;

/// One MoE layer has routed one batch. All spans are row-major, borrowed and valid only during the
/// call. Spans of points that no observer wants are empty; TopK and Weights are always there.
struct RouterEvent {
  base::LayerId layer; ///< position in the stack, dense layers counted
  std::span<const RowInfo> rows;
  int experts = 0; ///< E
  int k = 0;       ///< slots per row
  std::span<const float> input;
  std::span<const float> logits;
  std::span<const float> probs;
  std::span<const float> biasedScores;
  std::span<const std::int32_t> ids; ///< kNoExpert where a row selected fewer than k
  std::span<const float> rawWeights;
  std::span<const float> weights; ///< 0 where ids is kNoExpert
  std::span<const float> norms;
  std::span<const float> output;
};

/// The residual stream of one batch at one depth.
/// index 0..L-1: entering layer `index`; L: leaving the last layer; L+1: after the final norm
/// (only for rows whose LM logits are computed).
struct HiddenEvent {
  int index = 0;
  std::span<const RowInfo> rows;
  int hidden = 0;
  std::span<const float> values; ///< [rows, hidden]
};

/// Next-token logits of the rows for which they were computed.
struct LmLogitsEvent {
  std::span<const RowInfo> rows;
  int vocabulary = 0;
  std::span<const float> logits; ///< [rows, vocabulary]
};

} // namespace switchyard::hooks
