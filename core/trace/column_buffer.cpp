#include "core/trace/column_buffer.h"

#include <algorithm>
#include <limits>

namespace switchyard::trace {

ColumnBuffer::ColumnBuffer(const ColumnLayout& layout, std::uint64_t& held)
    : m_layout(&layout), m_held(&held), m_layers(layout.widths.size()) {
  for (std::size_t l = 0; l < m_layers.size(); ++l)
    m_layers[l].rowBytes = static_cast<std::size_t>(layout.widths[l] * layout.elementBytes);
}

std::int64_t ColumnBuffer::rows(int layer) const {
  return at(layer).taken + at(layer).rows;
}

void ColumnBuffer::append(int layer, std::int64_t rows, std::span<const std::byte> values) {
  Layer& buffer = m_layers[static_cast<std::size_t>(layer)];
  std::vector<std::byte>& pending = buffer.pending;
  const std::size_t needed = pending.size() + values.size();
  // Grows by doubling up to a chunk, never beyond what is needed after that.
  if (needed > pending.capacity()) {
    const std::size_t full =
        static_cast<std::size_t>(m_layout->groupFor(layer).rowsPerChunk) * buffer.rowBytes;
    pending.reserve(std::max(needed, std::min(full, 2 * pending.capacity())));
  }
  pending.insert(pending.end(), values.begin(), values.end());
  buffer.rows += rows;
  *m_held += values.size();
}

ColumnBuffer::Chunk ColumnBuffer::take(int group, bool last, std::vector<std::byte>& out) {
  const LayerGroup& which = m_layout->groups[static_cast<std::size_t>(group)];
  std::int64_t ready = std::numeric_limits<std::int64_t>::max();
  for (int l = which.firstLayer; l < which.firstLayer + which.layers; ++l)
    ready = std::min(ready, at(l).rows);
  if (ready == 0 || (ready < which.rowsPerChunk && !last))
    return {};
  const Chunk chunk{.number = at(which.firstLayer).taken / which.rowsPerChunk,
                    .rows = std::min(ready, which.rowsPerChunk)};
  out.clear();
  for (int l = which.firstLayer; l < which.firstLayer + which.layers; ++l) {
    Layer& layer = m_layers[static_cast<std::size_t>(l)];
    const auto end =
        layer.pending.begin() +
        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(chunk.rows) * layer.rowBytes);
    out.insert(out.end(), layer.pending.begin(), end);
    layer.pending.erase(layer.pending.begin(), end);
    layer.rows -= chunk.rows;
    layer.taken += chunk.rows;
  }
  *m_held -= out.size();
  return chunk;
}

void ColumnBuffer::clear() {
  for (Layer& layer : m_layers) {
    *m_held -= layer.pending.size();
    layer.pending.clear();
    layer.rows = 0;
    layer.taken = 0;
  }
}

} // namespace switchyard::trace
