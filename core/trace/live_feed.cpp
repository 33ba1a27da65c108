#include "core/trace/live_feed.h"

#include <algorithm>

#include "core/trace/columns.h"

namespace switchyard::trace {

LiveFeed::LiveFeed(std::vector<LayerInfo> layers, std::span<Analyzer* const> analyzers)
    : m_layers(std::move(layers)), m_analyzers(analyzers.begin(), analyzers.end()) {}

base::Result<std::unique_ptr<LiveFeed>> LiveFeed::create(std::vector<LayerInfo> layers,
                                                         std::span<Analyzer* const> analyzers) {
  for (Analyzer* analyzer : analyzers)
    SY_TRY(analyzer->begin(layers));
  return std::unique_ptr<LiveFeed>(new LiveFeed(std::move(layers), analyzers));
}

void LiveFeed::beginSequence(SequenceInfo info, base::SequenceId id) {
  m_sequence = std::move(info);
  m_id = id;
}

hooks::PointSet LiveFeed::wants() const {
  Columns columns;
  for (const Analyzer* analyzer : m_analyzers)
    columns = columns | analyzer->wants();
  hooks::PointSet points = hooks::Point::TopK | hooks::Point::Weights;
  if (columns.logits)
    points = points | hooks::Point::RouterLogits;
  if (columns.norms)
    points = points | hooks::Point::ExpertNorms;
  return points;
}

void LiveFeed::learnTokens(const hooks::RouterEvent& event, std::size_t first, std::size_t rows) {
  for (std::size_t row = first; row < first + rows; ++row) {
    const hooks::RowInfo& info = event.rows[row];
    if (info.position.value == static_cast<std::int64_t>(m_sequence.tokens.size()))
      m_sequence.tokens.push_back(info.token.value);
  }
}

base::Result<void> LiveFeed::onRouter(const hooks::RouterEvent& event) {
  const auto layer = std::ranges::find(m_layers, event.layer.value, &LayerInfo::layer);
  if (layer == m_layers.end() || layer->experts != event.experts || layer->k != event.k)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "this layer was not announced with as many experts", {.layer = event.layer});
  const auto k = static_cast<std::size_t>(event.k);
  const auto experts = static_cast<std::size_t>(event.experts);
  for (std::size_t first = 0; first < event.rows.size();) {
    std::size_t end = first + 1;
    while (end < event.rows.size() && event.rows[end].sequence == event.rows[first].sequence)
      ++end;
    const std::size_t rows = end - first;
    if (event.rows[first].sequence == m_id) {
      learnTokens(event, first, rows);
      m_ids.clear();
      for (std::size_t slot = first * k; slot < end * k; ++slot)
        m_ids.push_back(event.ids[slot] < 0 ? kNoExpert
                                            : static_cast<std::uint16_t>(event.ids[slot]));
      const auto part = [&](std::span<const float> values, std::size_t width) {
        return values.empty() ? values : values.subspan(first * width, rows * width);
      };
      const RoutingBlock block{.sequence = &m_sequence,
                               .moeLayer = static_cast<int>(layer - m_layers.begin()),
                               .info = *layer,
                               .firstToken = event.rows[first].position.value,
                               .rows = static_cast<std::int64_t>(rows),
                               .ids = m_ids,
                               .weights = part(event.weights, k),
                               .logits = part(event.logits, experts),
                               .norms = part(event.norms, k),
                               .predicted = {}};
      for (Analyzer* analyzer : m_analyzers)
        SY_TRY(analyzer->add(block));
    }
    first = end;
  }
  return {};
}

} // namespace switchyard::trace
