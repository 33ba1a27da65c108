#include "analyzers/transitions/transitions.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::analyzers {

std::unique_ptr<trace::Analyzer> Transitions::cloneEmpty() const {
  return std::make_unique<Transitions>(m_options);
}

base::Result<void> Transitions::begin(std::span<const trace::LayerInfo> layers) {
  if (m_options.permutations < 1)
    return base::fail(base::ErrorCode::InvalidArgument, "transitions: 'permutations' must be >= 1");
  SY_TRY(m_layers.begin(layers));
  m_pairs = m_options.layerPairs;
  const int count = static_cast<int>(layers.size());
  if (m_pairs.empty()) {
    for (int l = 0; l + 1 < count; ++l)
      m_pairs.emplace_back(l, l + 1);
  }
  m_crossLayer.clear();
  m_crossToken.clear();
  m_sequences = {};
  m_tokens = 0;
  for (const auto& [a, b] : m_pairs) {
    if (a < 0 || a >= b || b >= count)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("transitions: layer pair {}-{} does not exist; give two of the "
                                    "{} MoE layers (from 0), the lower first",
                                    a, b, count));
    const trace::LayerInfo& from = layers[static_cast<std::size_t>(a)];
    const trace::LayerInfo& to = layers[static_cast<std::size_t>(b)];
    m_crossLayer.emplace_back(from.experts, from.k, to.experts, to.k, m_options.equalRank);
  }
  if (m_options.crossToken) {
    for (const trace::LayerInfo& layer : layers)
      m_crossToken.emplace_back(layer.experts, layer.k, layer.experts, layer.k,
                                m_options.equalRank);
  }
  m_ranges.assign(layers.size(), {});
  return {};
}

base::Result<void> Transitions::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  if (block.rows == 0)
    return {};
  m_sequences.note(block);
  if (block.moeLayer == 0)
    m_tokens += block.rows;
  const auto layer = static_cast<std::size_t>(block.moeLayer);
  const auto k = static_cast<std::size_t>(block.info.k);
  Range& range = m_ranges[layer];
  if (!m_crossToken.empty()) {
    TransitionCounts& counts = m_crossToken[layer];
    const bool continues = range.sequence == block.sequence->index &&
                           range.firstToken + range.rows == block.firstToken;
    if (continues)
      counts.add(std::span(range.ids).last(k), block.ids.first(k), 1, block.sequence->index,
                 block.firstToken);
    counts.add(block.ids.first(block.ids.size() - k), block.ids.subspan(k), block.rows - 1,
               block.sequence->index, block.firstToken + 1);
  }
  range.sequence = block.sequence->index;
  range.firstToken = block.firstToken;
  range.rows = block.rows;
  range.ids.assign(block.ids.begin(), block.ids.end());
  for (std::size_t p = 0; p < m_pairs.size(); ++p) {
    if (m_pairs[p].second != block.moeLayer)
      continue;
    const Range& source = m_ranges[static_cast<std::size_t>(m_pairs[p].first)];
    if (source.sequence == range.sequence && source.firstToken == range.firstToken &&
        source.rows == range.rows)
      m_crossLayer[p].add(source.ids, block.ids, block.rows, range.sequence, range.firstToken);
  }
  return {};
}

base::Result<void> Transitions::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Transitions*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  m_sequences.merge(that->m_sequences);
  m_tokens += that->m_tokens;
  for (std::size_t p = 0; p < m_crossLayer.size(); ++p)
    m_crossLayer[p].merge(that->m_crossLayer[p]);
  for (std::size_t l = 0; l < m_crossToken.size(); ++l)
    m_crossToken[l].merge(that->m_crossToken[l]);
  return {};
}

} // namespace switchyard::analyzers
