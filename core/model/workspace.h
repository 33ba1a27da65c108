#pragma once

#include <cstdint>
#include <vector>

#include "core/hooks/events.h"
#include "core/model/config.h"
#include "core/routing/policy.h"

namespace switchyard::model {

/// Buffers of one forward pass, kept between passes so that the token loop does not allocate.
/// T = rows of the pass, S = T * slots at most. One per running pass; not thread-safe.
struct Workspace {
  std::vector<std::size_t> leaders; ///< of the segments that follow others through the trunk
  // Residual stream and block inputs/outputs [T, hidden].
  std::vector<float> residual, normed, blockOut;
  // Attention.
  std::vector<float> projected;      ///< q|k|v rows, or Mla's latents
  std::vector<float> queries;        ///< Mla: [T, heads * headDim]
  std::vector<float> latent;         ///< Mla: normed q latent, then expanded k|v
  std::vector<float> attended;       ///< [T, heads * value dim]
  std::vector<float> cosines, sines; ///< [T, rotary pairs]
  std::vector<float> scores;         ///< [parts, longest context]
  // Dense and shared MLP.
  std::vector<float> mlpHidden, mlpOther; ///< [T, width]
  std::vector<float> sharedOut;           ///< [T, hidden]
  // MoE.
  std::vector<float> routerLogits, probs, biased; ///< [T, E]
  int slots = 0;                 ///< experts a token can have: the gate's k, or more under a policy
  std::vector<std::int32_t> ids; ///< [T, slots]
  std::vector<float> rawWeights, weights, norms;  ///< [T, slots]
  std::vector<std::int32_t> gateIds;              ///< [T, k] the gate's own, where slots is not k
  std::vector<float> gateWeights, gateRawWeights; ///< [T, k]
  std::vector<std::int32_t> slotOf;               ///< [T, slots] -> place in expert order
  std::vector<std::int32_t> slotRow;              ///< [S] place -> row
  std::vector<std::int32_t> expertBegin;          ///< [E + 1] first place of each expert
  std::vector<std::int32_t> activeExperts;        ///< experts with at least one row
  std::vector<float> gathered;                    ///< [S, hidden]
  std::vector<float> expertHidden, expertUp;      ///< [S, width]
  std::vector<float> expertOut;                   ///< [S, hidden], before weighting
  // Policies.
  std::vector<routing::TokenFacts> tokenFacts;     ///< rows of one segment
  routing::RoutingDraft draft;                     ///< of one segment
  std::vector<float> routedLogits, previousLogits; ///< [T, E] this and the last MoE layer; or empty
  // LM head.
  std::vector<hooks::RowInfo> rows;     ///< [T]
  std::vector<hooks::RowInfo> headRows; ///< rows whose logits are computed
  std::vector<float> headInput;         ///< [head rows, hidden] after the final norm
  std::vector<float> logits;            ///< [head rows, vocabulary]
};

} // namespace switchyard::model
