#include "core/trace/column_buffer.h"

#include <algorithm>
#include <limits>

namespace switchyard::trace {

ColumnBuffer::ColumnBuffer(const ColumnLayout& layout)
    : m_layout(&layout), m_layers(layout.widths.size()) {}

std::size_t ColumnBuffer::rowBytes(int layer) const {
  return static_cast<std::size_t>(m_layout->widths[static_cast<std::size_t>(layer)] *
                                  m_layout->elementBytes);
}

std::int64_t ColumnBuffer::pendingRows(int layer) const {
  const Layer& buffer = m_layers[static_cast<std::size_t>(layer)];
  return static_cast<std::int64_t>(buffer.pending.size() / rowBytes(layer));
}

std::int64_t ColumnBuffer::rows(int layer) const {
  return m_layers[static_cast<std::size_t>(layer)].taken + pendingRows(layer);
}

std::uint64_t ColumnBuffer::bytesFor(int layer, std::int64_t rows) const {
  return static_cast<std::uint64_t>(rows) * rowBytes(layer);
}

std::span<std::byte> ColumnBuffer::extend(int layer, std::int64_t rows) {
  std::vector<std::byte>& pending = m_layers[static_cast<std::size_t>(layer)].pending;
  const std::size_t before = pending.size();
  const std::size_t more = static_cast<std::size_t>(rows) * rowBytes(layer);
  const std::size_t full =
      static_cast<std::size_t>(m_layout->groupFor(layer).rowsPerChunk) * rowBytes(layer);
  // Grows by doubling up to a chunk, never beyond what is needed after that.
  if (before + more > pending.capacity())
    pending.reserve(std::max(before + more, std::min(full, 2 * pending.capacity())));
  pending.resize(before + more);
  m_bytes += more;
  return std::span(pending).subspan(before);
}

ColumnBuffer::Chunk ColumnBuffer::take(int group, bool last, std::vector<std::byte>& out) {
  const LayerGroup& which = m_layout->groups[static_cast<std::size_t>(group)];
  std::int64_t ready = std::numeric_limits<std::int64_t>::max();
  for (int l = which.firstLayer; l < which.firstLayer + which.layers; ++l)
    ready = std::min(ready, pendingRows(l));
  if (ready == 0 || (ready < which.rowsPerChunk && !last))
    return {};
  const Chunk chunk{.number = m_layers[static_cast<std::size_t>(which.firstLayer)].taken /
                              which.rowsPerChunk,
                    .rows = std::min(ready, which.rowsPerChunk)};
  out.clear();
  for (int l = which.firstLayer; l < which.firstLayer + which.layers; ++l) {
    Layer& layer = m_layers[static_cast<std::size_t>(l)];
    const auto end =
        layer.pending.begin() +
        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(chunk.rows) * rowBytes(l));
    out.insert(out.end(), layer.pending.begin(), end);
    layer.pending.erase(layer.pending.begin(), end);
    layer.taken += chunk.rows;
  }
  m_bytes -= out.size();
  return chunk;
}

void ColumnBuffer::clear() {
  for (Layer& layer : m_layers) {
    layer.pending.clear();
    layer.taken = 0;
  }
  m_bytes = 0;
}

} // namespace switchyard::trace
