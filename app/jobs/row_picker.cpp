#include "app/jobs/row_picker.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace switchyard::jobs {

using base::Result;

Result<RowPicker> RowPicker::make(std::shared_ptr<const trace::Trace> trace,
                                  std::shared_ptr<const std::vector<std::int64_t>> starts,
                                  const RowFilter& filter) {
  RowPicker picker;
  picker.m_trace = std::move(trace);
  picker.m_starts = std::move(starts);
  picker.m_filter = filter;
  if (!filter.routedTo)
    return picker;
  const auto& [layer, expert] = *filter.routedTo;
  const std::vector<trace::LayerInfo>& layers = picker.m_trace->meta().layers;
  const auto found = std::ranges::find(layers, layer, &trace::LayerInfo::layer);
  if (found == layers.end() || expert < 0 || expert >= found->experts)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("the trace has no expert L{} E{}", layer, expert));
  picker.m_layer = static_cast<int>(found - layers.begin());
  picker.m_slots = found->k;
  picker.m_reader = SY_TRY(picker.m_trace->reader());
  return picker;
}

std::int64_t RowPicker::rows(std::int64_t sequence) const {
  const auto at = static_cast<std::size_t>(sequence);
  return (*m_starts)[at + 1] - (*m_starts)[at];
}

RowRuns RowPicker::inRange(std::int64_t sequence, std::int64_t first, std::int64_t last) const {
  const std::int64_t start = (*m_starts)[static_cast<std::size_t>(sequence)];
  RowRuns runs = keptRows(m_filter, m_starts->back(), start + first, start + last);
  for (auto& [from, to] : runs) {
    from -= start;
    to -= start;
  }
  return runs;
}

Result<RowRuns> RowPicker::kept(std::int64_t sequence, std::int64_t first, std::int64_t last) {
  RowRuns runs = inRange(sequence, first, last);
  if (!m_filter.routedTo)
    return runs;
  const auto expert = static_cast<std::uint16_t>(m_filter.routedTo->second);
  const auto slots = static_cast<std::size_t>(m_slots);
  RowRuns routed;
  for (const auto& [from, to] : runs)
    for (std::int64_t block = from; block < to; block += trace::TraceReader::kBlockTokens) {
      const std::int64_t rows = std::min(trace::TraceReader::kBlockTokens, to - block);
      m_ids.resize(static_cast<std::size_t>(rows) * slots);
      SY_TRY(m_reader->ids(sequence, m_layer, block, rows, m_ids));
      for (std::int64_t row = block; row < block + rows; ++row) {
        const auto chosen =
            std::span(m_ids).subspan(static_cast<std::size_t>(row - block) * slots, slots);
        if (std::ranges::find(chosen, expert) == chosen.end())
          continue;
        if (!routed.empty() && routed.back().second == row)
          ++routed.back().second;
        else
          routed.emplace_back(row, row + 1);
      }
    }
  return routed;
}

} // namespace switchyard::jobs
