#include "analyzers/coactivation/coactivation.h"

#include <algorithm>

#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {

/// Folds counts by order into symmetric ones; the diagonal is `diagonal`.
std::vector<std::int64_t> symmetric(const CountTable& table, std::size_t experts,
                                    const std::vector<std::int64_t>& diagonal) {
  const std::size_t stride = experts + 1;
  std::vector<std::int64_t> out(experts * experts);
  for (std::size_t i = 0; i < experts; ++i) {
    for (std::size_t j = 0; j < experts; ++j)
      out[i * experts + j] =
          static_cast<std::int64_t>(i == j ? static_cast<std::uint64_t>(diagonal[i])
                                           : table.at(i * stride + j) + table.at(j * stride + i));
  }
  return out;
}

} // namespace

statistics::JointCounts LayerPairs::of(int i, int j) const {
  const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
  return {counts[a], counts[b], pairs[a * static_cast<std::size_t>(experts) + b], tokens};
}

std::optional<double> LayerPairs::conditional(int i, int j) const {
  const statistics::JointCounts n = of(i, j);
  return ratio(static_cast<double>(n.both), static_cast<double>(n.first));
}

std::optional<double> LayerPairs::adjacentConditional(int i, int j) const {
  const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
  return ratio(static_cast<double>(adjacent[a * static_cast<std::size_t>(experts) + b]),
               static_cast<double>(counts[a]));
}

std::unique_ptr<trace::Analyzer> Coactivation::cloneEmpty() const {
  return std::make_unique<Coactivation>(m_options);
}

base::Result<void> Coactivation::begin(std::span<const trace::LayerInfo> layers) {
  if (m_options.top < 0 || m_options.figureExperts < 2)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "coactivation: 'top' must be >= 0 and 'figure_experts' >= 2");
  for (const trace::LayerInfo& layer : layers) {
    const int groups = m_options.groups;
    if (groups < 1 || m_options.groupsKept < 1 || m_options.groupsKept > groups ||
        layer.experts % groups != 0 || layer.experts / groups * m_options.groupsKept < layer.k)
      return base::fail(
          base::ErrorCode::InvalidArgument,
          "coactivation: 'groups' must divide the experts and the kept groups hold top-k",
          {.layer = base::LayerId(layer.layer)});
  }
  SY_TRY(m_layers.begin(layers));
  m_states.clear();
  m_sequences = {};
  for (const trace::LayerInfo& layer : layers) {
    const std::size_t stride = static_cast<std::size_t>(layer.experts) + 1;
    LayerState state;
    state.counts = CountTable(stride);
    state.pairs = CountTable(stride * stride);
    state.adjacent = CountTable(m_options.adjacent ? stride * stride : 0);
    m_states.push_back(std::move(state));
  }
  return {};
}

base::Result<void> Coactivation::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  m_sequences.note(block);
  LayerState& state = m_states[static_cast<std::size_t>(block.moeLayer)];
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const std::size_t stride = std::size_t{unused} + 1;
  const auto k = static_cast<std::size_t>(block.info.k);
  const auto most = static_cast<std::uint64_t>(block.rows) * k * k;
  state.tokens += block.rows;
  state.counts.reserve(most);
  state.pairs.reserve(most);
  std::uint32_t* counts = state.counts.hot();
  std::uint32_t* pairs = state.pairs.hot();
  const std::uint16_t* ids = block.ids.data();
  std::vector<std::uint32_t> row(k);
  for (std::int64_t r = 0; r < block.rows; ++r, ids += k) {
    for (std::size_t a = 0; a < k; ++a)
      row[a] = std::min(ids[a], unused);
    for (std::size_t a = 0; a < k; ++a) {
      ++counts[row[a]];
      std::uint32_t* line = pairs + row[a] * stride;
      for (std::size_t b = a + 1; b < k; ++b)
        ++line[row[b]];
    }
  }
  if (!m_options.adjacent)
    return {};
  state.adjacent.reserve(most);
  std::uint32_t* adjacent = state.adjacent.hot();
  ids = block.ids.data();
  for (std::int64_t r = 0; r < block.rows; ++r, ids += k) {
    for (std::size_t a = 0; a + 1 < k; ++a)
      ++adjacent[std::min(ids[a], unused) * stride + std::min(ids[a + 1], unused)];
  }
  return {};
}

base::Result<void> Coactivation::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Coactivation*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  m_sequences.merge(that->m_sequences);
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    m_states[l].tokens += that->m_states[l].tokens;
    m_states[l].counts.merge(that->m_states[l].counts);
    m_states[l].pairs.merge(that->m_states[l].pairs);
    m_states[l].adjacent.merge(that->m_states[l].adjacent);
  }
  return {};
}

LayerPairs Coactivation::layer(std::size_t layer) const {
  const LayerState& state = m_states[layer];
  const auto experts = static_cast<std::size_t>(m_layers[layer].experts);
  LayerPairs out;
  out.experts = m_layers[layer].experts;
  out.k = m_layers[layer].k;
  out.tokens = state.tokens;
  for (std::size_t e = 0; e < experts; ++e)
    out.counts.push_back(static_cast<std::int64_t>(state.counts.at(e)));
  out.pairs = symmetric(state.pairs, experts, out.counts);
  if (m_options.adjacent)
    out.adjacent = symmetric(state.adjacent, experts, std::vector<std::int64_t>(experts));
  return out;
}

} // namespace switchyard::analyzers
