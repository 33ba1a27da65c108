#pragma once

#include <string>

#include "core/checkpoint/checkpoint.h"
#include "core/model/config.h"

namespace switchyard::model {

/// How the experts of a layer lie in a checkpoint.
enum class ExpertPacking : std::uint8_t {
  PerExpert,       ///< <experts>.<e>.<gate|up|down>.weight
  FusedRows,       ///< gate_up [E, 2I, H] (gate rows first), down [E, H, I]
  FusedTransposed, ///< gpt-oss: gate_up [E, H, 2I] (gate and up interleaved), down [E, I, H]
  Mxfp4, ///< gpt-oss as published: *_blocks and *_scales, rows as FusedTransposed's columns
};

/// Where a family keeps its tensors: the declarative part of loading. Names are relative to
/// "model.layers.<l>." and without ".weight" unless the whole name is given.
struct TensorNames {
  std::string router;     ///< "mlp.gate"
  std::string choiceBias; ///< full name below the layer, e.g. "mlp.gate.e_score_correction_bias"
  std::string experts;    ///< "mlp.experts"
  std::string expertGate, expertUp, expertDown; ///< per expert: "gate_proj", ...
  std::string fusedGateUp, fusedDown;           ///< "mlp.experts.gate_up_proj"
  std::string shared;                           ///< "mlp.shared_experts"
  std::string sharedGate;                       ///< "mlp.shared_expert_gate"
  std::string inputNorm = "input_layernorm";
  std::string postNorm = "post_attention_layernorm";
  std::string mlpPostNorm = "post_feedforward_layernorm";
};

TensorNames tensorNames(Family family);

/// What precedes "embed_tokens", "layers." and "lm_head": multimodal wrappers (`nested`) put the
/// language model deeper.
struct TensorRoots {
  std::string model = "model.";
  std::string head;
};

TensorRoots tensorRoots(const checkpoint::Checkpoint& checkpoint, bool nested);

} // namespace switchyard::model
