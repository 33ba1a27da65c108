#pragma once

#include <vector>

#include "core/tensor/packed_matrix.h"

namespace switchyard::model {

/// y = x W^T + bias. Several projections of the same input may be stacked in one matrix.
struct Linear {
  tensor::PackedMatrix weight;
  std::vector<float> bias; ///< [rows], or empty

  bool empty() const { return weight.empty(); }
};

/// Scale and, for LayerNorm, shift of a normalisation; both [width].
struct NormWeights {
  std::vector<float> weight;
  std::vector<float> bias;
};

/// One gated MLP: down(act(gate(x), up(x))). Experts, shared experts and dense layers alike.
struct MlpWeights {
  Linear gate; ///< [width, hidden]
  Linear up;   ///< [width, hidden]
  Linear down; ///< [hidden, width]
};

struct AttentionWeights {
  /// Gqa: rows q | k | v. Mla: rows q_a (or q) | kv_a.
  Linear input;
  Linear output;                   ///< [hidden, heads * value dim]
  std::vector<float> qNorm, kNorm; ///< QkNorm::Head: [headDim]; Full: [projection width]
  std::vector<float> sinks;        ///< [heads], gpt-oss
  // Mla only
  std::vector<float> qLatentNorm, kvLatentNorm; ///< [qLoraRank], [kvLoraRank]
  Linear qUp;  ///< q_b: [heads * headDim, qLoraRank]; empty without q LoRA
  Linear kvUp; ///< kv_b: [heads * (nope + value), kvLoraRank]
};

struct MoeWeights {
  Linear router;                 ///< [E, hidden]
  std::vector<float> choiceBias; ///< [E], or empty
  std::vector<MlpWeights> experts;
  MlpWeights shared; ///< empty without shared experts
  Linear sharedGate; ///< [1, hidden], SharedKind::SigmoidGated
};

struct LayerWeights {
  NormWeights inputNorm;   ///< before attention; NormPlacement::Post: unused
  NormWeights postNorm;    ///< before the MLP; Post: on the attention's output
  NormWeights mlpPostNorm; ///< Post only: on the MLP's output
  AttentionWeights attention;
  MlpWeights dense; ///< dense layers
  MoeWeights moe;   ///< routed layers
};

struct ModelWeights {
  tensor::PackedMatrix embedding; ///< [vocabulary, hidden]
  std::vector<LayerWeights> layers;
  NormWeights finalNorm;
  Linear lmHead; ///< weight empty when tied to the embedding; the bias may still be there

  const tensor::PackedMatrix& headMatrix() const { ///< [vocabulary, hidden]
    return lmHead.empty() ? embedding : lmHead.weight;
  }
};

} // namespace switchyard::model
