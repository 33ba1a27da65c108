#include "analyzers/load/load.h"

#include <algorithm>
#include <cmath>

#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {

constexpr double kProbScale = 1 << 30;
constexpr double kLevel = 0.95;

std::vector<double> probabilitySums(const std::vector<std::int64_t>& probs) {
  std::vector<double> sums;
  for (std::int64_t p : probs)
    sums.push_back(static_cast<double>(p) / kProbScale);
  return sums;
}

} // namespace

void Load::Counts::resize(int experts) {
  const auto cells = static_cast<std::size_t>(experts) + 1;
  counts.resize(cells);
  firstChoices.resize(cells);
  mass.resize(cells);
  probs.resize(cells - 1);
}

void Load::Counts::add(const Counts& other) {
  tokens += other.tokens;
  probTokens += other.probTokens;
  weighted += other.weighted;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    counts[e] += other.counts[e];
    firstChoices[e] += other.firstChoices[e];
    mass[e].add(other.mass[e]);
  }
  for (std::size_t e = 0; e < probs.size(); ++e)
    probs[e] += other.probs[e];
}

void Load::Counts::clear() {
  tokens = probTokens = weighted = 0;
  std::ranges::fill(counts, 0);
  std::ranges::fill(firstChoices, 0);
  std::ranges::fill(mass, WeightSum());
  std::ranges::fill(probs, 0);
}

void Load::LayerState::close(const trace::LayerInfo& info) {
  if (open.tokens == 0)
    return;
  const auto experts = static_cast<std::size_t>(info.experts);
  const std::span<const std::int64_t> counts(open.counts.data(), experts);
  if (const auto c = concentrationOf(counts); c.maxVio) {
    maxVio.add(*c.maxVio);
    ++batches;
  }
  if (open.probTokens == open.tokens) {
    if (const auto loss = loadBalanceOf(counts, probabilitySums(open.probs), open.tokens, info.k)) {
      lbl.add(*loss);
      ++lblBatches;
    }
  }
  moments.add(open.counts, open.tokens);
  closed.add(open);
  open.clear();
}

std::unique_ptr<trace::Analyzer> Load::cloneEmpty() const {
  return std::make_unique<Load>(m_options);
}

base::Result<void> Load::begin(std::span<const trace::LayerInfo> layers) {
  SY_TRY(m_layers.begin(layers));
  m_states.assign(layers.size(), {});
  for (std::size_t l = 0; l < layers.size(); ++l) {
    m_states[l].open.resize(layers[l].experts);
    m_states[l].closed.resize(layers[l].experts);
    m_states[l].moments.resize(static_cast<std::size_t>(layers[l].experts));
  }
  m_openSequence = -1;
  m_sequences = 0;
  return {};
}

void Load::closeSequence() {
  if (m_openSequence < 0)
    return;
  for (std::size_t l = 0; l < m_states.size(); ++l)
    m_states[l].close(m_layers[l]);
  ++m_sequences;
  m_openSequence = -1;
}

void Load::addLogits(Counts& counts, const trace::RoutingBlock& block) const {
  const auto experts = static_cast<std::size_t>(block.info.experts);
  std::vector<float> row(experts);
  for (std::size_t r = 0; r < static_cast<std::size_t>(block.rows); ++r) {
    if (!probabilitiesOf(block.logits.subspan(r * experts, experts), m_options.probabilities, row))
      continue;
    ++counts.probTokens;
    for (std::size_t e = 0; e < experts; ++e)
      counts.probs[e] += static_cast<std::int32_t>(row[e] * static_cast<float>(kProbScale) + 0.5f);
  }
}

base::Result<void> Load::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  if (block.sequence->index != m_openSequence) {
    closeSequence();
    m_openSequence = block.sequence->index;
  }
  Counts& counts = m_states[static_cast<std::size_t>(block.moeLayer)].open;
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const auto k = static_cast<std::size_t>(block.info.k);
  counts.tokens += block.rows;
  for (std::uint16_t id : block.ids)
    ++counts.counts[std::min(id, unused)];
  for (std::size_t i = 0; i < block.ids.size(); i += k)
    ++counts.firstChoices[std::min(block.ids[i], unused)];
  if (!block.weights.empty()) {
    counts.weighted += block.rows;
    for (std::size_t i = 0; i < block.ids.size(); ++i)
      counts.mass[std::min(block.ids[i], unused)].add(static_cast<double>(block.weights[i]));
  }
  if (!block.logits.empty())
    addLogits(counts, block);
  return {};
}

base::Result<void> Load::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Load*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    const LayerState state = that->closedState(l);
    m_states[l].closed.add(state.closed);
    m_states[l].moments.add(state.moments);
    m_states[l].maxVio.add(state.maxVio);
    m_states[l].lbl.add(state.lbl);
    m_states[l].batches += state.batches;
    m_states[l].lblBatches += state.lblBatches;
  }
  m_sequences += that->sequences();
  return {};
}

Load::LayerState Load::closedState(std::size_t layer) const {
  LayerState state = m_states[layer];
  state.close(m_layers[layer]);
  return state;
}

std::int64_t Load::sequences() const {
  return m_sequences + (m_openSequence >= 0 ? 1 : 0);
}

LayerLoad Load::layer(std::size_t layer) const {
  const LayerState state = closedState(layer);
  const Counts& all = state.closed;
  const auto experts = static_cast<std::size_t>(m_layers[layer].experts);
  LayerLoad load;
  load.tokens = all.tokens;
  load.counts.assign(all.counts.begin(), all.counts.end() - 1);
  load.firstChoices.assign(all.firstChoices.begin(), all.firstChoices.end() - 1);
  if (all.weighted == all.tokens && all.tokens > 0) {
    for (std::size_t e = 0; e < experts; ++e)
      load.gateMass.push_back(all.mass[e].value());
  }
  for (std::size_t e = 0; e < experts; ++e) {
    const auto estimate = shareEstimate(state.moments, e);
    load.share.push_back(estimate ? std::optional(interval(*estimate, kLevel)) : std::nullopt);
  }
  load.global = concentrationOf(load.counts);
  load.batches = state.batches;
  if (state.batches > 0)
    load.maxVioBatch = state.maxVio.value() / static_cast<double>(state.batches);
  if (all.probTokens == all.tokens && all.tokens > 0) {
    load.lblGlobal =
        loadBalanceOf(load.counts, probabilitySums(all.probs), all.tokens, m_layers[layer].k);
    if (state.lblBatches > 0)
      load.lblMicro = state.lbl.value() / static_cast<double>(state.lblBatches);
  }
  return load;
}

} // namespace switchyard::analyzers
