#include "core/routing/scope.h"

#include <algorithm>

namespace switchyard::routing {

ScopeFilter::ScopeFilter(Scope scope) : m_scope(std::move(scope)) {
  if (m_scope.inside)
    m_spans.emplace(*m_scope.inside);
}

bool ScopeFilter::takes(const LayerFacts& layer) const {
  return m_scope.layers.empty() ||
         std::ranges::find(m_scope.layers, layer.layer.value) != m_scope.layers.end();
}

bool ScopeFilter::takes(const TokenFacts& token) const {
  const std::int64_t position = token.position.value;
  const auto covers = [position](const PositionRange& range) {
    return position >= range.from && position < range.to;
  };
  if (!m_scope.positions.empty() && std::ranges::none_of(m_scope.positions, covers))
    return false;
  if (m_scope.phase && (*m_scope.phase == Phase::Generated) != token.generated)
    return false;
  return !m_scope.tokens || std::ranges::binary_search(*m_scope.tokens, token.token.value);
}

std::span<const std::int32_t> ScopeFilter::rows(std::span<const TokenFacts> tokens) {
  m_inside.assign(tokens.size(), 1);
  if (m_spans)
    m_spans->look(tokens, m_inside);
  m_rows.clear();
  for (std::size_t row = 0; row < tokens.size(); ++row)
    if (m_inside[row] != 0 && takes(tokens[row]))
      m_rows.push_back(static_cast<std::int32_t>(row));
  return m_rows;
}

} // namespace switchyard::routing
