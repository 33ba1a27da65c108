#include "core/model/backward.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/model/backward_pass.h"
#include "core/model/norms.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

using base::ErrorCode;
using base::fail;
using base::Result;

/// One call of routerGradient.
class GradientPass {
public:
  GradientPass(const Model& model, const PassContext& context, const GradientRequest& request,
               GradientWorkspace& buffers)
      : m_model(model), m_config(model.m_config), m_context(context), m_request(request),
        m_buffers(buffers), m_rows(static_cast<std::int64_t>(request.tokens.size()) - 1) {}

  Result<void> check(std::size_t gradientSize) const;
  Result<void> checkPolicy() const;
  Result<double> run(std::span<float> gradient);

private:
  std::size_t experts() const { return static_cast<std::size_t>(m_config.moe.gate.experts); }
  LayerPass passOf(int layer, const routing::LayerFacts* facts) const {
    return {m_config, m_context, {&m_segment, 1}, m_buffers.forward, m_rows, layer, 0, facts};
  }
  Result<void> forth();
  Result<void> back(std::span<float> gradient);
  Result<void> mlpBack(const BackwardPass& back, const LayerWeights& weights,
                       const LayerRecord& record, std::span<float> offsetGradient);
  void attentionBack(const BackwardPass& back, const LayerWeights& weights,
                     const LayerRecord& record);
  /// Gradient of a block's output, before the norm that Post puts behind it.
  void startBlock(const BackwardPass& back, const NormWeights& norm,
                  const std::vector<float>& beforeNorm);
  /// Adds the gradient of its input to the residual stream's, through the norm before it.
  void endBlock(const BackwardPass& back, const NormWeights& norm, const std::vector<float>& input);
  /// What the block read: `input` through the norm before it, if there is one.
  const float* blockInput(const BackwardPass& back, const NormWeights& norm,
                          const std::vector<float>& input);

  const Model& m_model;
  const ModelConfig& m_config;
  const PassContext& m_context;
  const GradientRequest& m_request;
  GradientWorkspace& m_buffers;
  std::int64_t m_rows; ///< the last token predicts nothing that is scored
  Segment m_segment;
  std::unique_ptr<routing::Policy> m_policy; ///< null: the checkpoint's own rule
};

namespace {

tl::unexpected<base::Error> noDerivative(std::string_view why) {
  return fail(
      ErrorCode::Unsupported,
      fmt::format("gradients go through the checkpoint's own gate, and this recipe {}; use "
                  "steps that edit scores (ban, bias, boost at the logit), or leave the recipe "
                  "out",
                  why));
}

} // namespace

Result<void> GradientPass::checkPolicy() const {
  if (m_request.policy == nullptr)
    return {};
  const routing::PolicyTraits traits = m_request.policy->traits();
  if (traits.stateful || traits.needsPreviousLogits)
    return noDerivative("remembers what it routed before");
  for (const routing::LayerFacts& facts : m_model.m_facts)
    if (m_request.policy->maxK(facts) > facts.k)
      return noDerivative("chooses experts itself");
  return {};
}

Result<void> GradientPass::check(std::size_t gradientSize) const {
  const std::size_t tokens = m_request.tokens.size();
  const std::size_t cells = static_cast<std::size_t>(m_config.moeLayers()) * experts();
  if (tokens < 2)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a gradient needs at least 2 tokens to have a loss, not {}", tokens));
  if (tokens > static_cast<std::size_t>(m_config.maxPositions))
    return fail(ErrorCode::LimitExceeded, fmt::format("{} tokens do not fit into the model's {} "
                                                      "positions; use a shorter text",
                                                      tokens, m_config.maxPositions));
  if ((gradientSize != 0 && gradientSize != cells) ||
      (!m_request.offsets.empty() && m_request.offsets.size() != cells))
    return fail(ErrorCode::InvalidArgument,
                fmt::format("offsets ({}) and gradient ({}) must hold {} values, one for each "
                            "expert of each MoE layer",
                            m_request.offsets.size(), gradientSize, cells));
  for (std::size_t at = 0; at < m_request.offsets.size(); ++at)
    if (!std::isfinite(m_request.offsets[at]))
      return fail(
          ErrorCode::NonFinite,
          fmt::format("the router-logit offset of expert {} is NaN or infinite", at % experts()),
          {.layer = m_model.layerFacts()[at / experts()].layer});
  const base::TokenId last = m_request.tokens.back(); // the only one that is not run
  return m_config.checkToken(last, {.token = base::TokenPos(m_rows)});
}

Result<void> GradientPass::forth() {
  const auto tokens = static_cast<std::int64_t>(m_request.tokens.size());
  m_buffers.cache = SY_TRY(KvCache::create(m_config, m_rows));
  m_segment.cache = &m_buffers.cache;
  m_segment.tokens = m_request.tokens.first(static_cast<std::size_t>(m_rows));
  m_segment.logits = LogitsFor::None;
  m_segment.finalLength = tokens;
  m_segment.routing.offsets = m_request.offsets;
  if (m_request.policy != nullptr)
    m_policy = m_request.policy->clone();
  m_segment.routing.policy = m_policy.get();
  m_segment.routing.promptLength = m_request.promptLength;
  m_segment.routing.seed = m_request.seed;
  SY_TRY(m_model.embed({&m_segment, 1}, m_buffers.forward));
  m_buffers.records.resize(static_cast<std::size_t>(m_config.layers));
  hooks::PointSet wanted = 0;
  for (const hooks::Observer* observer : m_context.observers)
    wanted |= observer->wants();
  std::size_t moeLayer = 0;
  for (int layer = 0; layer < m_config.layers; ++layer) {
    if (m_context.stop.stop_requested())
      return fail(ErrorCode::Cancelled, "stopped on request");
    const auto index = static_cast<std::size_t>(layer);
    LayerPass pass =
        passOf(layer, m_config.moeLayer[index] ? &m_model.m_facts[moeLayer++] : nullptr);
    pass.wanted = wanted;
    pass.record = &m_buffers.records[index];
    SY_TRY(m_model.attentionBlock(pass));
    SY_TRY(m_model.mlpBlock(pass));
    if (m_policy && !m_policy->onlyEditedScores())
      return noDerivative("chooses or weighs experts itself");
  }
  return {};
}

Result<double> GradientPass::run(std::span<float> gradient) {
  SY_TRY(forth());
  const Workspace& work = m_buffers.forward;
  m_buffers.negatedSines.resize(work.sines.size());
  std::ranges::transform(work.sines, m_buffers.negatedSines.begin(), std::negate<>());
  m_buffers.residual.resize(work.residual.size());
  m_buffers.blockOut.resize(work.residual.size());
  m_buffers.blockIn.resize(work.residual.size());
  const LayerPass pass = passOf(m_config.layers, nullptr);
  const double loss = headGradient({pass, m_buffers}, m_model.m_weights,
                                   m_request.tokens.subspan(1), !gradient.empty());
  if (!std::isfinite(loss))
    return fail(ErrorCode::NonFinite, "the loss of this text is not a finite number");
  if (!gradient.empty())
    SY_TRY(back(gradient));
  return loss;
}

Result<void> GradientPass::back(std::span<float> gradient) {
  std::size_t moeLayer = m_model.m_facts.size();
  for (int layer = m_config.layers - 1; moeLayer > 0; --layer) {
    if (m_context.stop.stop_requested())
      return fail(ErrorCode::Cancelled, "stopped on request");
    const auto index = static_cast<std::size_t>(layer);
    const bool routed = m_config.moeLayer[index];
    if (routed)
      --moeLayer;
    LayerPass pass = passOf(layer, routed ? &m_model.m_facts[moeLayer] : nullptr);
    pass.rawProjection = &m_buffers.rawProjection;
    const BackwardPass back{pass, m_buffers};
    const LayerWeights& weights = m_model.m_weights.layers[index];
    const LayerRecord& record = m_buffers.records[index];
    SY_TRY(
        mlpBack(back, weights, record,
                routed ? gradient.subspan(moeLayer * experts(), experts()) : std::span<float>()));
    if (moeLayer > 0) // nothing below the lowest router depends on an offset
      attentionBack(back, weights, record);
  }
  return {};
}

const float* GradientPass::blockInput(const BackwardPass& back, const NormWeights& norm,
                                      const std::vector<float>& input) {
  if (m_config.placement == NormPlacement::Post)
    return input.data();
  normRows(back.pass, norm, input.data(), m_buffers.forward.normed.data());
  return m_buffers.forward.normed.data();
}

void GradientPass::startBlock(const BackwardPass& back, const NormWeights& norm,
                              const std::vector<float>& beforeNorm) {
  m_buffers.blockOut = m_buffers.residual;
  if (m_config.residualMultiplier != 1.0f)
    tensor::scaleInPlace(m_buffers.blockOut, m_config.residualMultiplier);
  if (m_config.placement == NormPlacement::Post)
    normGradientRows(back.pass, norm, beforeNorm.data(), m_buffers.blockOut.data());
}

void GradientPass::endBlock(const BackwardPass& back, const NormWeights& norm,
                            const std::vector<float>& input) {
  if (m_config.placement != NormPlacement::Post)
    normGradientRows(back.pass, norm, input.data(), m_buffers.blockIn.data());
  tensor::addInPlace(m_buffers.residual, m_buffers.blockIn);
}

Result<void> GradientPass::mlpBack(const BackwardPass& back, const LayerWeights& weights,
                                   const LayerRecord& record, std::span<float> offsetGradient) {
  startBlock(back, weights.mlpPostNorm, record.mlpOut);
  const float* x = blockInput(back, weights.postNorm, record.middle);
  const float* d = m_buffers.blockOut.data();
  float* dx = m_buffers.blockIn.data();
  if (back.pass.facts)
    SY_TRY(moeGradient(back, weights.moe, x, d, dx, offsetGradient));
  else
    denseMlpGradient(back, weights.dense, {x, d, nullptr, m_rows, dx, nullptr});
  endBlock(back, weights.postNorm, record.middle);
  return {};
}

void GradientPass::attentionBack(const BackwardPass& back, const LayerWeights& weights,
                                 const LayerRecord& record) {
  startBlock(back, weights.postNorm, record.attentionOut);
  attentionGradient(back, weights.attention, blockInput(back, weights.inputNorm, record.input),
                    m_buffers.blockOut.data(), m_buffers.blockIn.data());
  endBlock(back, weights.inputNorm, record.input);
}

Result<double> routerGradient(const Model& model, const PassContext& context,
                              const GradientRequest& request, GradientWorkspace& buffers,
                              std::span<float> gradient) {
  GradientPass pass(model, context, request, buffers);
  SY_TRY(pass.check(gradient.size()));
  SY_TRY(pass.checkPolicy());
  return pass.run(gradient);
}

} // namespace switchyard::model
