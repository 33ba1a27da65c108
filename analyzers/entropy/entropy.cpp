#include "analyzers/entropy/entropy.h"

#include <algorithm>
#include <cmath>

#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {

constexpr double kMaxZ = 65535; ///< what StatisticSum takes

std::size_t bin(double share) {
  const double scaled = std::clamp(share, 0.0, 1.0) * LayerEntropy::kBins;
  return std::min(static_cast<std::size_t>(scaled), LayerEntropy::kBins - 1);
}

} // namespace

std::unique_ptr<trace::Analyzer> Entropy::cloneEmpty() const {
  return std::make_unique<Entropy>(m_options);
}

base::Result<void> Entropy::begin(std::span<const trace::LayerInfo> layers) {
  if (!(m_options.uncertainShare >= 0 && m_options.uncertainShare <= 1))
    return base::fail(
        base::ErrorCode::InvalidArgument,
        "entropy: 'uncertain_share' must be between 0 and 1 (1.8 nats of ln 8 is 0.8656)");
  SY_TRY(m_layers.begin(layers));
  m_sequences = {};
  m_states.assign(layers.size(), {});
  return {};
}

double Entropy::threshold(std::size_t layer) const {
  return m_options.uncertainShare * std::log(static_cast<double>(m_layers[layer].experts));
}

void Entropy::addRow(LayerState& state, const trace::RoutingBlock& block, std::size_t row) const {
  const auto experts = static_cast<std::size_t>(block.info.experts);
  const auto k = static_cast<std::size_t>(block.info.k);
  const std::span<const float> p(m_row);
  const std::span<const float> logits = block.logits.subspan(row * experts, experts);
  float first = 0, second = 0;
  for (float x : p) {
    second = std::max(second, std::min(first, x));
    first = std::max(first, x);
  }
  const float entropy = shannonEntropy(p, 0);
  double mass = 0;
  for (std::uint16_t id : block.ids.subspan(row * k, k))
    mass += id == trace::kNoExpert ? 0.0 : static_cast<double>(p[id]);
  // The largest probability is e^0 over the sum: ln of the sum of e^z without another pass.
  const double lse =
      static_cast<double>(*std::ranges::max_element(logits)) - std::log(static_cast<double>(first));
  ++state.tokens;
  state.entropy.add(static_cast<double>(entropy));
  state.margin.add(static_cast<double>(first - second));
  state.mass.add(mass);
  state.zLoss.add(std::min(lse * lse, kMaxZ));
  const auto layer = static_cast<std::size_t>(block.moeLayer);
  state.uncertain += static_cast<double>(shannonEntropy(p, 1e-5f)) >= threshold(layer) ? 1 : 0;
  const double most = std::log(static_cast<double>(experts));
  ++state.entropyBins[bin(most > 0 ? static_cast<double>(entropy) / most : 0)];
  ++state.marginBins[bin(static_cast<double>(first - second))];
}

base::Result<void> Entropy::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  m_sequences.note(block);
  LayerState& state = m_states[static_cast<std::size_t>(block.moeLayer)];
  if (block.logits.empty()) {
    state.withoutLogits += block.rows;
    return {};
  }
  const auto experts = static_cast<std::size_t>(block.info.experts);
  m_row.resize(experts);
  for (std::size_t r = 0; r < static_cast<std::size_t>(block.rows); ++r) {
    if (probabilitiesOf(block.logits.subspan(r * experts, experts), m_options.probabilities, m_row))
      addRow(state, block, r);
    else
      ++state.withoutLogits;
  }
  return {};
}

base::Result<void> Entropy::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Entropy*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  m_sequences.merge(that->m_sequences);
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    LayerState& mine = m_states[l];
    const LayerState& their = that->m_states[l];
    mine.tokens += their.tokens;
    mine.withoutLogits += their.withoutLogits;
    mine.uncertain += their.uncertain;
    mine.entropy.add(their.entropy);
    mine.margin.add(their.margin);
    mine.mass.add(their.mass);
    mine.zLoss.add(their.zLoss);
    for (std::size_t b = 0; b < LayerEntropy::kBins; ++b) {
      mine.entropyBins[b] += their.entropyBins[b];
      mine.marginBins[b] += their.marginBins[b];
    }
  }
  return {};
}

LayerEntropy Entropy::layer(std::size_t layer) const {
  const LayerState& state = m_states[layer];
  const auto n = static_cast<double>(state.tokens);
  LayerEntropy out;
  out.tokens = state.tokens;
  out.withoutLogits = state.withoutLogits;
  out.threshold = threshold(layer);
  out.entropyBins = state.entropyBins;
  out.marginBins = state.marginBins;
  if (state.tokens == 0)
    return out;
  out.entropy = state.entropy.value() / n;
  if (m_layers[layer].experts > 1)
    out.normalisedEntropy = *out.entropy / std::log(static_cast<double>(m_layers[layer].experts));
  out.margin = state.margin.value() / n;
  out.selectedMass = state.mass.value() / n;
  out.uncertain = static_cast<double>(state.uncertain) / n;
  if (m_options.probabilities == Probabilities::Softmax)
    out.zLoss = state.zLoss.value() / n;
  return out;
}

} // namespace switchyard::analyzers
