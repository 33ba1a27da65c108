#include "core/model/tensor_names.h"

namespace switchyard::model {

TensorNames tensorNames(Family family) {
  // Most families: qwen's names.
  TensorNames names;
  names.router = "mlp.gate";
  names.experts = "mlp.experts";
  names.expertGate = "gate_proj";
  names.expertUp = "up_proj";
  names.expertDown = "down_proj";
  names.fusedGateUp = "mlp.experts.gate_up_proj";
  names.fusedDown = "mlp.experts.down_proj";
  names.shared = "mlp.shared_experts";
  switch (family) {
  case Family::Qwen2Moe:
    names.shared = "mlp.shared_expert";
    names.sharedGate = "mlp.shared_expert_gate";
    break;
  case Family::Mixtral:
  case Family::PhiMoe:
    names.router = "block_sparse_moe.gate";
    names.experts = "block_sparse_moe.experts";
    names.expertGate = "w1";
    names.expertUp = "w3";
    names.expertDown = "w2";
    break;
  case Family::GraniteMoe:
    names.router = "block_sparse_moe.router.layer";
    names.fusedGateUp = "block_sparse_moe.input_linear.weight";
    names.fusedDown = "block_sparse_moe.output_linear.weight";
    break;
  case Family::Dots1:
  case Family::Glm4Moe:
  case Family::DeepseekV3:
    names.choiceBias = "mlp.gate.e_score_correction_bias";
    break;
  case Family::Ernie45Moe:
    names.choiceBias = "mlp.moe_statics.e_score_correction_bias";
    break;
  case Family::GptOss:
    names.router = "mlp.router";
    break;
  case Family::Qwen3Moe:
  case Family::Olmoe:
  case Family::FlexOlmo:
  case Family::DeepseekV2:
    break;
  }
  return names;
}

TensorRoots tensorRoots(const checkpoint::Checkpoint& checkpoint, bool nested) {
  if (nested)
    for (const TensorRoots& roots : {TensorRoots{"language_model.model.", "language_model."},
                                     TensorRoots{"model.language_model.", ""}})
      if (checkpoint.find(roots.model + "embed_tokens.weight"))
        return roots;
  return {};
}

} // namespace switchyard::model
