#include "core/model/model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/model/attention.h"
#include "core/model/linear.h"
#include "core/model/loader.h"
#include "core/model/mlp.h"
#include "core/model/moe_layer.h"
#include "core/model/norms.h"
#include "core/model/trunk.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

using hooks::Point;

std::int64_t totalRows(std::span<const Segment> segments) {
  std::int64_t rows = 0;
  for (const Segment& segment : segments)
    rows += static_cast<std::int64_t>(segment.tokens.size());
  return rows;
}

/// residual += blockOut * multiplier.
void addBlock(const LayerPass& pass) {
  const std::span<float> residual(pass.work.residual);
  const std::span<const float> block(pass.work.blockOut);
  if (pass.config.residualMultiplier == 1.0f)
    tensor::addInPlace(residual, block);
  else
    tensor::addScaled(residual, block, pass.config.residualMultiplier);
}

hooks::PointSet wantedPoints(std::span<hooks::Observer* const> observers) {
  hooks::PointSet wanted = 0;
  for (const hooks::Observer* observer : observers)
    wanted |= observer->wants();
  return wanted;
}

base::Result<void> reportHidden(const PassContext& context, int index,
                                std::span<const hooks::RowInfo> rows, int hidden,
                                std::span<const float> values) {
  const hooks::HiddenEvent event{.index = index, .rows = rows, .hidden = hidden, .values = values};
  for (hooks::Observer* observer : context.observers)
    SY_TRY(observer->onHidden(event));
  return {};
}

} // namespace

Model::Model(ModelConfig config, ModelWeights weights)
    : m_config(std::move(config)), m_weights(std::move(weights)), m_rope(m_config.rope) {
  const int moeLayers = m_config.moeLayers();
  for (int layer = 0; layer < m_config.layers; ++layer) {
    const auto index = static_cast<std::size_t>(layer);
    if (m_config.moeLayer[index])
      m_facts.push_back({base::LayerId(layer), static_cast<int>(m_facts.size()), moeLayers,
                         m_config.moe.gate.experts, m_config.moe.gate.k, &m_config.moe.gate,
                         m_weights.layers[index].moe.choiceBias});
  }
}

base::Result<std::shared_ptr<const Model>> Model::load(const std::filesystem::path& folder,
                                                       const base::ThreadContext& threads,
                                                       const LoadOptions& options,
                                                       const base::RunControl& control) {
  ModelConfig config = SY_TRY(readConfig(folder));
  ModelWeights weights = SY_TRY(loadWeights(folder, config, threads, options, control));
  return std::shared_ptr<const Model>(new Model(std::move(config), std::move(weights)));
}

base::Result<void> Model::embed(std::span<const Segment> segments, Workspace& work) const {
  const auto hidden = static_cast<std::size_t>(m_config.hidden);
  const auto pairs = static_cast<std::size_t>(m_rope.pairs());
  const auto rows = static_cast<std::size_t>(totalRows(segments));
  work.rows.clear();
  work.residual.resize(rows * hidden);
  work.normed.resize(rows * hidden);
  work.blockOut.resize(rows * hidden);
  work.cosines.resize(rows * pairs);
  work.sines.resize(rows * pairs);
  std::size_t row = 0;
  for (const Segment& segment : segments) {
    const std::int64_t start = segment.cache->length();
    const std::int64_t end = start + static_cast<std::int64_t>(segment.tokens.size());
    SY_TRY(segment.cache->reserve(end));
    for (std::int64_t position = start; position < end; ++position, ++row) {
      const base::TokenId token = segment.tokens[static_cast<std::size_t>(position - start)];
      SY_TRY(m_config.checkToken(token, {.token = base::TokenPos(position)}));
      work.rows.push_back({segment.sequence, base::TokenPos(position), token});
      const std::span<float> out = std::span(work.residual).subspan(row * hidden, hidden);
      m_weights.embedding.unpackRow(token.value, out);
      if (m_config.embeddingMultiplier != 1.0f)
        tensor::scaleInPlace(out, m_config.embeddingMultiplier);
      m_rope.angles(position, std::max(end, segment.finalLength),
                    std::span(work.cosines).subspan(row * pairs, pairs),
                    std::span(work.sines).subspan(row * pairs, pairs));
    }
  }
  return {};
}

base::Result<void> Model::attentionBlock(const LayerPass& pass) const {
  const LayerWeights& weights = m_weights.layers[static_cast<std::size_t>(pass.layer)];
  Workspace& work = pass.work;
  const bool post = m_config.placement == NormPlacement::Post;
  if (hooks::contains(pass.wanted, Point::Hidden))
    SY_TRY(reportHidden(pass.context, pass.layer, work.rows, m_config.hidden, work.residual));

  if (!post)
    normRows(pass, weights.inputNorm, work.residual.data(), work.normed.data());
  if (pass.record)
    pass.record->input = work.residual;
  attention(pass, weights.attention, post ? work.residual.data() : work.normed.data());
  if (pass.record && post)
    pass.record->attentionOut = work.blockOut;
  if (post)
    normRows(pass, weights.postNorm, work.blockOut.data(), work.blockOut.data());
  addBlock(pass);
  return {};
}

base::Result<void> Model::mlpBlock(const LayerPass& pass) const {
  const auto index = static_cast<std::size_t>(pass.layer);
  const LayerWeights& weights = m_weights.layers[index];
  Workspace& work = pass.work;
  const bool post = m_config.placement == NormPlacement::Post;
  if (pass.record)
    pass.record->middle = work.residual;
  if (!post)
    normRows(pass, weights.postNorm, work.residual.data(), work.normed.data());
  const float* input = post ? work.residual.data() : work.normed.data();
  if (m_config.moeLayer[index])
    SY_TRY(moeLayer(pass, weights.moe, input));
  else
    denseMlp(pass, weights.dense, input, work.blockOut.data());
  if (pass.record && post)
    pass.record->mlpOut = work.blockOut;
  if (post)
    normRows(pass, weights.mlpPostNorm, work.blockOut.data(), work.blockOut.data());
  addBlock(pass);
  return {};
}

base::Result<void> Model::head(std::span<const Segment> segments, const PassContext& context,
                               hooks::PointSet wanted, Workspace& work) const {
  const auto hidden = static_cast<std::size_t>(m_config.hidden);
  const bool wantsHidden = hooks::contains(wanted, Point::Hidden);
  if (wantsHidden)
    SY_TRY(reportHidden(context, m_config.layers, work.rows, m_config.hidden, work.residual));
  // An observer of logits or hidden states gets them for every row, whatever the segments ask.
  const bool everyRow = wantsHidden || hooks::contains(wanted, Point::LmLogits);
  work.headRows.clear();
  work.headInput.resize(work.rows.size() * hidden);
  std::size_t row = 0;
  for (const Segment& segment : segments) {
    for (std::size_t i = 0; i < segment.tokens.size(); ++i, ++row) {
      const bool last = i + 1 == segment.tokens.size();
      if (!everyRow && segment.logits != LogitsFor::All &&
          !(last && segment.logits == LogitsFor::Last))
        continue;
      normRow(m_config, m_weights.finalNorm, std::span(work.residual).subspan(row * hidden, hidden),
              std::span(work.headInput).subspan(work.headRows.size() * hidden, hidden));
      work.headRows.push_back(work.rows[row]);
    }
  }
  const auto rows = static_cast<std::int64_t>(work.headRows.size());
  work.headInput.resize(work.headRows.size() * hidden);
  if (wantsHidden)
    SY_TRY(
        reportHidden(context, m_config.layers + 1, work.headRows, m_config.hidden, work.headInput));
  work.logits.resize(work.headRows.size() * static_cast<std::size_t>(m_config.vocabulary));
  if (rows == 0)
    return {};
  applyMatrix(context.threads, m_weights.headMatrix(), m_weights.lmHead.bias, work.headInput.data(),
              rows, m_config.hidden, work.logits.data(), m_config.vocabulary);
  if (m_config.logitsDivisor != 1.0f)
    for (float& logit : work.logits)
      logit /= m_config.logitsDivisor;
  if (hooks::contains(wanted, Point::LmLogits)) {
    const hooks::LmLogitsEvent event{
        .rows = work.headRows, .vocabulary = m_config.vocabulary, .logits = work.logits};
    for (hooks::Observer* observer : context.observers)
      SY_TRY(observer->onLmLogits(event));
  }
  return {};
}

bool Model::sharesTrunk(const PassContext& context, hooks::PointSet wanted) const {
  return context.range.first == 0 && context.range.end >= m_config.layers &&
         !hooks::contains(wanted, Point::Hidden) && !m_rope.lengthDependent();
}

base::Result<void> Model::forward(std::span<const Segment> segments, const PassContext& context,
                                  Workspace& work) const {
  if (totalRows(segments) == 0)
    return base::fail(base::ErrorCode::InvalidArgument, "no tokens to run");
  const hooks::PointSet wanted = wantedPoints(context.observers);
  const std::size_t leading =
      sharesTrunk(context, wanted) ? findLeaders(segments, work.leaders) : segments.size();
  std::span<const Segment> running = segments.first(leading);
  std::int64_t rows = totalRows(running);
  SY_TRY(embed(running, work));
  const LayerRange& range = context.range;
  const int end = std::min(range.end, m_config.layers);
  const auto streamed = static_cast<std::size_t>(range.first > 0 ? rows * m_config.hidden : 0);
  if (range.first < 0 || range.first >= end || range.entering.size() != streamed)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("layers {} to {} of {} with a stream of {} numbers for {} tokens "
                                  "cannot be run",
                                  range.first, end, m_config.layers, range.entering.size(), rows));
  std::ranges::copy(range.entering, work.residual.begin());
  work.previousLogits.clear();
  std::size_t moeLayer = 0;
  for (int index = 0; index < end; ++index) {
    const bool routed = m_config.moeLayer[static_cast<std::size_t>(index)];
    const routing::LayerFacts* facts = routed ? &m_facts[moeLayer++] : nullptr;
    if (index < range.first)
      continue;
    if (context.stop.stop_requested())
      return base::fail(base::ErrorCode::Cancelled, "stopped on request");
    SY_TRY(attentionBlock({m_config, context, running, work, rows, index, wanted, facts}));
    if (running.size() < segments.size() && index + 1 == trunkLayers(m_config)) {
      SY_TRY(followLeaders(segments, leading, work.leaders, m_config, work));
      running = segments;
      rows = totalRows(segments);
    }
    SY_TRY(mlpBlock({m_config, context, running, work, rows, index, wanted, facts}));
  }
  if (end == m_config.layers)
    SY_TRY(head(segments, context, wanted, work));
  for (const Segment& segment : segments)
    segment.cache->append(segment.tokens);
  return {};
}

} // namespace switchyard::model
