#include "core/trace/staged_rows.h"

namespace switchyard::trace {

namespace {
constexpr std::size_t kMostBytes = 1u << 20;
}

StagedRows::StagedRows(TraceWriter& writer)
    : m_writer(writer), m_rows(writer.meta().layers.size()) {
  const Columns& columns = writer.columns();
  for (const LayerInfo& layer : writer.meta().layers) {
    m_ids.addLayer(layer.k);
    m_weights.addLayer(columns.weights ? layer.k : 0);
    m_logits.addLayer(columns.logits ? layer.experts : 0);
    m_norms.addLayer(columns.norms ? layer.k : 0);
  }
  const std::size_t rowBytes =
      m_ids.rowBytes() + m_weights.rowBytes() + m_logits.rowBytes() + m_norms.rowBytes();
  m_room = std::max<std::size_t>(1, kMostBytes / std::max<std::size_t>(1, rowBytes));
  m_ids.reserve(m_room);
  for (Column<float>* column : {&m_weights, &m_logits, &m_norms})
    column->reserve(m_room);
}

base::Result<void> StagedRows::add(int moeLayer, const RoutingRows& row) {
  const auto layer = static_cast<std::size_t>(moeLayer);
  if (!m_ids.fits(layer, row.ids) || !m_weights.fits(layer, row.weights) ||
      !m_logits.fits(layer, row.logits) || !m_norms.fits(layer, row.norms)) {
    SY_TRY(flush());
    return m_writer.addRouting(moeLayer, row); // it says what is wrong
  }
  std::size_t& kept = m_rows[layer];
  m_ids.put(layer, kept, row.ids);
  m_weights.put(layer, kept, row.weights);
  m_logits.put(layer, kept, row.logits);
  m_norms.put(layer, kept, row.norms);
  m_most = std::max(m_most, ++kept);
  return kept < m_room ? base::Result<void>() : flush();
}

base::Result<void> StagedRows::flush() {
  if (m_most == 0)
    return {};
  const std::vector<std::size_t> kept = m_rows;
  const std::size_t most = m_most;
  clear();
  for (std::size_t row = 0; row < most; ++row)
    for (std::size_t layer = 0; layer < kept.size(); ++layer)
      if (row < kept[layer])
        SY_TRY(m_writer.addRouting(static_cast<int>(layer), {.rows = 1,
                                                             .ids = m_ids.at(layer, row),
                                                             .weights = m_weights.at(layer, row),
                                                             .logits = m_logits.at(layer, row),
                                                             .norms = m_norms.at(layer, row)}));
  return {};
}

void StagedRows::clear() {
  std::ranges::fill(m_rows, 0);
  m_most = 0;
}

} // namespace switchyard::trace
