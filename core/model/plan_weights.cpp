#include "core/model/plan_weights.h"

#include <fmt/format.h>

#include "core/model/tensor_names.h"

namespace switchyard::model {

namespace {

using base::Result;

/// Plans the tensors of one layer.
class LayerPlanner {
public:
  /// root: what precedes "layers.".
  LayerPlanner(LoadPlan& plan, const ModelConfig& config, const TensorNames& names,
               const std::string& root, int layer)
      : m_plan(plan), m_config(config), m_names(names),
        m_prefix(fmt::format("{}layers.{}.", root, layer)) {}

  Result<void> norms(LayerWeights& weights) {
    if (m_config.placement == NormPlacement::Pre)
      SY_TRY(norm(m_names.inputNorm, weights.inputNorm));
    else
      SY_TRY(norm(m_names.mlpPostNorm, weights.mlpPostNorm));
    return norm(m_names.postNorm, weights.postNorm);
  }

  Result<void> attention(AttentionWeights& weights) {
    return m_config.attention == AttentionKind::Mla ? mla(weights) : gqa(weights);
  }

  Result<void> dense(MlpWeights& weights) {
    return mlp("mlp.", "gate_proj", "up_proj", "down_proj", m_config.denseWidth, m_config.mlpBias,
               weights);
  }

  Result<void> moe(MoeWeights& weights);

private:
  Result<void> norm(const std::string& name, NormWeights& target) {
    SY_TRY(m_plan.vector(m_prefix + name + ".weight", m_config.hidden, target.weight));
    if (m_config.norm == NormKind::Layer)
      SY_TRY(m_plan.vector(m_prefix + name + ".bias", m_config.hidden, target.bias));
    return {};
  }

  /// Projections of the same input, stacked. Rows and whether there is a bias, per name.
  struct Part {
    std::string name;
    std::int64_t rows;
  };
  Result<void> stacked(const std::vector<Part>& parts, std::int64_t columns, bool bias,
                       Linear& target, bool checkFinite = false) {
    std::vector<MatrixPiece> pieces;
    for (const Part& part : parts) {
      const std::string name = m_prefix + part.name;
      pieces.push_back(SY_TRY(m_plan.piece(name + ".weight", part.rows, columns)));
      if (bias)
        SY_TRY(
            m_plan.vector(name + ".bias", part.rows, target.bias, pieces.size() > 1, checkFinite));
    }
    m_plan.matrix(m_prefix + parts.front().name + ".weight", target.weight, columns,
                  std::move(pieces), checkFinite);
    return {};
  }

  Result<void> mlp(const std::string& prefix, const std::string& gate, const std::string& up,
                   const std::string& down, std::int64_t width, bool bias, MlpWeights& weights) {
    const std::int64_t hidden = m_config.hidden;
    SY_TRY(stacked({{prefix + gate, width}}, hidden, bias, weights.gate));
    SY_TRY(stacked({{prefix + up, width}}, hidden, bias, weights.up));
    return stacked({{prefix + down, hidden}}, width, bias, weights.down);
  }

  Result<void> gqa(AttentionWeights& weights);
  Result<void> mla(AttentionWeights& weights);
  Result<void> expert(std::int64_t index, ExpertPacking packing, MlpWeights& weights);
  ExpertPacking packing() const;

  LoadPlan& m_plan;
  const ModelConfig& m_config;
  const TensorNames& m_names;
  std::string m_prefix;
};

Result<void> LayerPlanner::gqa(AttentionWeights& weights) {
  const std::int64_t q = static_cast<std::int64_t>(m_config.heads) * m_config.headDim;
  const std::int64_t kv = static_cast<std::int64_t>(m_config.kvHeads) * m_config.headDim;
  SY_TRY(stacked({{"self_attn.q_proj", q}, {"self_attn.k_proj", kv}, {"self_attn.v_proj", kv}},
                 m_config.hidden, m_config.qkvBias, weights.input));
  SY_TRY(stacked({{"self_attn.o_proj", m_config.hidden}}, q, m_config.outputBias, weights.output));
  if (m_config.qkNorm != QkNorm::None) {
    const bool full = m_config.qkNorm == QkNorm::Full;
    SY_TRY(m_plan.vector(m_prefix + "self_attn.q_norm.weight", full ? q : m_config.headDim,
                         weights.qNorm));
    SY_TRY(m_plan.vector(m_prefix + "self_attn.k_norm.weight", full ? kv : m_config.headDim,
                         weights.kNorm));
  }
  if (m_config.sinks)
    SY_TRY(m_plan.vector(m_prefix + "self_attn.sinks", m_config.heads, weights.sinks));
  return {};
}

Result<void> LayerPlanner::mla(AttentionWeights& weights) {
  const MlaConfig& mla = m_config.mla;
  const std::int64_t heads = m_config.heads;
  const std::int64_t q = heads * m_config.headDim;
  const std::int64_t qRank = mla.qLoraRank;
  const std::int64_t kvRank = mla.kvLoraRank;
  // q_proj never has a bias, q_a_proj and kv_a_proj_with_mqa may: without q LoRA the stacked bias
  // is zero in q's rows.
  const Part qPart = qRank > 0 ? Part{"self_attn.q_a_proj", qRank} : Part{"self_attn.q_proj", q};
  const Part kvPart{"self_attn.kv_a_proj_with_mqa", kvRank + mla.ropeDim};
  SY_TRY(stacked({qPart, kvPart}, m_config.hidden, false, weights.input));
  if (m_config.qkvABias) {
    if (qRank > 0)
      SY_TRY(m_plan.vector(m_prefix + qPart.name + ".bias", qPart.rows, weights.input.bias));
    else
      weights.input.bias.assign(static_cast<std::size_t>(q), 0.0f);
    SY_TRY(m_plan.vector(m_prefix + kvPart.name + ".bias", kvPart.rows, weights.input.bias, true));
  }
  if (qRank > 0) {
    SY_TRY(m_plan.vector(m_prefix + "self_attn.q_a_layernorm.weight", qRank, weights.qLatentNorm));
    SY_TRY(stacked({{"self_attn.q_b_proj", q}}, qRank, false, weights.qUp));
  }
  SY_TRY(m_plan.vector(m_prefix + "self_attn.kv_a_layernorm.weight", kvRank, weights.kvLatentNorm));
  SY_TRY(stacked({{"self_attn.kv_b_proj", heads * (mla.nopeDim + mla.valueDim)}}, kvRank, false,
                 weights.kvUp));
  return stacked({{"self_attn.o_proj", m_config.hidden}}, heads * mla.valueDim, m_config.outputBias,
                 weights.output);
}

ExpertPacking LayerPlanner::packing() const {
  if (m_config.family == Family::GptOss)
    return m_config.quantization == Quantization::Mxfp4 &&
                   m_plan.has(m_prefix + m_names.fusedDown + "_blocks")
               ? ExpertPacking::Mxfp4
               : ExpertPacking::FusedTransposed;
  return m_plan.has(m_prefix + m_names.fusedDown) ? ExpertPacking::FusedRows
                                                  : ExpertPacking::PerExpert;
}

Result<void> LayerPlanner::expert(std::int64_t e, ExpertPacking packing, MlpWeights& weights) {
  const std::int64_t hidden = m_config.hidden;
  const std::int64_t width = m_config.moe.width;
  const std::int64_t count = m_config.moe.gate.experts;
  const std::string gateUp = m_prefix + m_names.fusedGateUp;
  const std::string down = m_prefix + m_names.fusedDown;
  if (packing == ExpertPacking::PerExpert) {
    // The reference gives routed experts no bias; where a checkpoint has one, it is used.
    const std::string prefix = fmt::format("{}.{}.", m_names.experts, e);
    const bool bias =
        m_config.mlpBias && m_plan.has(m_prefix + prefix + m_names.expertGate + ".bias");
    return mlp(prefix, m_names.expertGate, m_names.expertUp, m_names.expertDown, width, bias,
               weights);
  }
  const auto one = [](MatrixPiece piece) {
    std::vector<MatrixPiece> pieces;
    pieces.push_back(std::move(piece));
    return pieces;
  };
  MatrixPiece gatePiece, upPiece, downPiece;
  switch (packing) {
  case ExpertPacking::FusedRows:
    gatePiece = SY_TRY(m_plan.slicePiece(gateUp, count, e, 2 * width, 0, width, hidden));
    upPiece = SY_TRY(m_plan.slicePiece(gateUp, count, e, 2 * width, width, width, hidden));
    downPiece = SY_TRY(m_plan.slicePiece(down, count, e, hidden, 0, hidden, width));
    break;
  case ExpertPacking::FusedTransposed:
    gatePiece = SY_TRY(m_plan.transposedPiece(gateUp, count, e, hidden, 2 * width, 0, 2));
    upPiece = SY_TRY(m_plan.transposedPiece(gateUp, count, e, hidden, 2 * width, 1, 2));
    downPiece = SY_TRY(m_plan.transposedPiece(down, count, e, width, hidden, 0, 1));
    break;
  case ExpertPacking::Mxfp4:
    gatePiece = SY_TRY(m_plan.mxfp4Piece(gateUp, count, e, 2 * width, hidden, 0, 2));
    upPiece = SY_TRY(m_plan.mxfp4Piece(gateUp, count, e, 2 * width, hidden, 1, 2));
    downPiece = SY_TRY(m_plan.mxfp4Piece(down, count, e, hidden, width, 0, 1));
    break;
  case ExpertPacking::PerExpert:
    break;
  }
  m_plan.matrix(gateUp, weights.gate.weight, hidden, one(std::move(gatePiece)));
  m_plan.matrix(gateUp, weights.up.weight, hidden, one(std::move(upPiece)));
  m_plan.matrix(down, weights.down.weight, width, one(std::move(downPiece)));
  if (m_config.moe.expertBias) {
    SY_TRY(m_plan.vectorRow(gateUp + "_bias", count, 2 * width, e, 0, 2, weights.gate.bias));
    SY_TRY(m_plan.vectorRow(gateUp + "_bias", count, 2 * width, e, 1, 2, weights.up.bias));
    SY_TRY(m_plan.vectorRow(down + "_bias", count, hidden, e, 0, 1, weights.down.bias));
  }
  return {};
}

Result<void> LayerPlanner::moe(MoeWeights& weights) {
  const MoeConfig& moe = m_config.moe;
  const std::int64_t experts = moe.gate.experts;
  SY_TRY(
      stacked({{m_names.router, experts}}, m_config.hidden, moe.routerBias, weights.router, true));
  if (moe.choiceBias)
    SY_TRY(m_plan.vector(m_prefix + m_names.choiceBias, experts, weights.choiceBias, false, true));
  weights.experts.resize(static_cast<std::size_t>(experts));
  const ExpertPacking packed = packing();
  for (std::int64_t e = 0; e < experts; ++e)
    SY_TRY(expert(e, packed, weights.experts[static_cast<std::size_t>(e)]));
  if (moe.shared == SharedKind::None)
    return {};
  SY_TRY(mlp(m_names.shared + ".", "gate_proj", "up_proj", "down_proj", moe.sharedWidth,
             m_config.mlpBias, weights.shared));
  if (moe.shared == SharedKind::SigmoidGated)
    SY_TRY(stacked({{m_names.sharedGate, 1}}, m_config.hidden, false, weights.sharedGate));
  return {};
}

} // namespace

Result<void> planWeights(LoadPlan& plan, const ModelConfig& config, ModelWeights& weights) {
  const TensorNames names = tensorNames(config.family);
  const TensorRoots roots = tensorRoots(plan.source(), config.nested);
  const std::string embedding = roots.model + "embed_tokens.weight";
  std::vector<MatrixPiece> pieces;
  pieces.push_back(SY_TRY(plan.piece(embedding, config.vocabulary, config.hidden)));
  plan.matrix(embedding, weights.embedding, config.hidden, std::move(pieces));
  weights.layers.resize(static_cast<std::size_t>(config.layers));
  for (int index = 0; index < config.layers; ++index) {
    LayerPlanner planner(plan, config, names, roots.model, index);
    LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    SY_TRY(planner.norms(layer));
    SY_TRY(planner.attention(layer.attention));
    if (config.moeLayer[static_cast<std::size_t>(index)])
      SY_TRY(planner.moe(layer.moe));
    else
      SY_TRY(planner.dense(layer.dense));
  }
  SY_TRY(plan.vector(roots.model + "norm.weight", config.hidden, weights.finalNorm.weight));
  if (config.norm == NormKind::Layer)
    SY_TRY(plan.vector(roots.model + "norm.bias", config.hidden, weights.finalNorm.bias));
  if (!config.tiedEmbeddings) {
    std::vector<MatrixPiece> head;
    head.push_back(
        SY_TRY(plan.piece(roots.head + "lm_head.weight", config.vocabulary, config.hidden)));
    plan.matrix(roots.head + "lm_head.weight", weights.lmHead.weight, config.hidden,
                std::move(head));
  }
  if (config.lmHeadBias)
    SY_TRY(plan.vector(roots.head + "lm_head.bias", config.vocabulary, weights.lmHead.bias));
  return plan.checkNothingLeft(roots.model);
}

} // namespace switchyard::model
