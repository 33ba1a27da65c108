#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/trace/writer.h"

namespace switchyard::trace {

/// Single rows of routing on their way to a writer, which gets many in a row. Decoding adds one row
/// to each layer between two tokens, and all that a writer touches for it has left the caches since
/// the token before; here the rows of a token lie one behind the other. Internal to core/trace.
class StagedRows {
public:
  explicit StagedRows(TraceWriter& writer);

  /// Keeps one row, or gives the writer all that are kept if it is the last that has room. Spans as
  /// the writer wants them. Errors: those of TraceWriter::addRouting.
  base::Result<void> add(int moeLayer, const RoutingRows& row);
  /// Gives the writer what is kept, token by token, so that no layer runs ahead of the others.
  base::Result<void> flush();
  void clear();

private:
  /// One column of all layers: [rows, sum of the layers' widths].
  template <typename Value> class Column {
  public:
    void addLayer(std::int64_t width) {
      m_starts.push_back(m_rowSize);
      m_rowSize += static_cast<std::size_t>(width);
    }
    std::size_t rowBytes() const { return m_rowSize * sizeof(Value); }
    void reserve(std::size_t rows) { m_values.resize(rows * m_rowSize); }
    bool fits(std::size_t layer, std::span<const Value> values) const {
      return values.size() == width(layer);
    }
    void put(std::size_t layer, std::size_t row, std::span<const Value> values) {
      std::ranges::copy(values, m_values.data() + row * m_rowSize + m_starts[layer]);
    }
    std::span<const Value> at(std::size_t layer, std::size_t row) const {
      return {m_values.data() + row * m_rowSize + m_starts[layer], width(layer)};
    }

  private:
    std::size_t width(std::size_t layer) const {
      return (layer + 1 < m_starts.size() ? m_starts[layer + 1] : m_rowSize) - m_starts[layer];
    }
    std::vector<std::size_t> m_starts;
    std::size_t m_rowSize = 0;
    std::vector<Value> m_values;
  };

  TraceWriter& m_writer;
  std::vector<std::size_t> m_rows; ///< kept, per MoE layer
  std::size_t m_most = 0;          ///< of them
  std::size_t m_room = 1;          ///< rows
  Column<std::int32_t> m_ids;
  Column<float> m_weights, m_logits, m_norms;
};

} // namespace switchyard::trace
