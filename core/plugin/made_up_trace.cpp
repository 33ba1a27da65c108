#include "core/plugin/made_up_trace.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "core/base/rng.h"

namespace switchyard::plugin {

MadeUpTrace::MadeUpTrace(std::uint64_t seed, int sequences, int layers, int experts, int k) {
  base::Rng rng(seed);
  for (int l = 0; l < layers; ++l)
    m_layers.push_back({2 * l + 1, experts, k});
  for (int s = 0; s < sequences; ++s) {
    trace::SequenceInfo info;
    info.index = s;
    info.id = fmt::format("s{}", s);
    const auto length = static_cast<std::int64_t>(1 + rng.nextBelow(40));
    info.promptLength = 1 + length / 2;
    info.labels = {{"domain", s % 2 == 0 ? "python" : "poetry"}};
    for (std::int64_t t = 0; t < length; ++t)
      info.tokens.push_back(static_cast<std::int32_t>(rng.nextBelow(100)));
    m_sequences.push_back(std::move(info));
    auto& columns = m_columns.emplace_back(static_cast<std::size_t>(layers));
    for (Column& column : columns)
      for (std::int64_t t = 0; t < length; ++t) {
        std::vector<std::uint16_t> order(static_cast<std::size_t>(experts));
        for (std::size_t e = 0; e < order.size(); ++e) {
          order[e] = static_cast<std::uint16_t>(e);
          column.logits.push_back(static_cast<float>(rng.nextNormal()));
        }
        for (int slot = 0; slot < k; ++slot) {
          const std::size_t at = static_cast<std::size_t>(slot) +
                                 rng.nextBelow(static_cast<std::uint64_t>(experts - slot));
          std::swap(order[static_cast<std::size_t>(slot)], order[at]);
          column.ids.push_back(order[static_cast<std::size_t>(slot)]);
          column.weights.push_back(static_cast<float>(rng.nextDouble()));
        }
      }
  }
}

std::int64_t MadeUpTrace::tokens() const {
  std::int64_t total = 0;
  for (const auto& sequence : m_sequences)
    total += static_cast<std::int64_t>(sequence.tokens.size());
  return total;
}

std::vector<trace::RoutingBlock> MadeUpTrace::blocks(std::size_t sequence,
                                                     std::int64_t chunk) const {
  std::vector<trace::RoutingBlock> blocks;
  const auto length = static_cast<std::int64_t>(m_sequences[sequence].tokens.size());
  for (std::int64_t first = 0; first < length; first += chunk)
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
      const Column& column = m_columns[sequence][l];
      const auto begin = static_cast<std::size_t>(first);
      const auto rows = static_cast<std::size_t>(std::min(chunk, length - first));
      const auto k = static_cast<std::size_t>(m_layers[l].k);
      const auto experts = static_cast<std::size_t>(m_layers[l].experts);
      trace::RoutingBlock block;
      block.sequence = &m_sequences[sequence];
      block.moeLayer = static_cast<int>(l);
      block.info = m_layers[l];
      block.firstToken = first;
      block.rows = static_cast<std::int64_t>(rows);
      block.ids = std::span(column.ids).subspan(begin * k, rows * k);
      block.weights = std::span(column.weights).subspan(begin * k, rows * k);
      block.logits = std::span(column.logits).subspan(begin * experts, rows * experts);
      blocks.push_back(block);
    }
  return blocks;
}

} // namespace switchyard::plugin
