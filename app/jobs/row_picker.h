#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "app/jobs/filtered.h"

namespace switchyard::jobs {

/// Ascending, disjoint [from, to).
using RowRuns = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Finds the rows of a trace's sequences that a filter keeps. Rows are counted in their sequence.
/// Used by one thread at a time; keeps the trace alive.
class RowPicker {
public:
  /// starts: rowStarts() of the trace. Errors: InvalidArgument if the trace has no such layer or
  /// expert as the filter names; Io.
  static base::Result<RowPicker> make(std::shared_ptr<const trace::Trace> trace,
                                      std::shared_ptr<const std::vector<std::int64_t>> starts,
                                      const RowFilter& filter);

  /// Those of [first, last) that range and sample keep, whatever they were routed to.
  RowRuns inRange(std::int64_t sequence, std::int64_t first, std::int64_t last) const;
  /// Those of them that selected the filter's expert, neighbours as one run. Reads the ids of one
  /// layer if the filter names an expert. Errors: the reader's.
  base::Result<RowRuns> kept(std::int64_t sequence, std::int64_t first, std::int64_t last);
  /// Those of the whole sequence.
  base::Result<RowRuns> kept(std::int64_t sequence) { return kept(sequence, 0, rows(sequence)); }
  std::int64_t rows(std::int64_t sequence) const; ///< all of them

private:
  std::shared_ptr<const trace::Trace> m_trace;
  std::shared_ptr<const std::vector<std::int64_t>> m_starts;
  RowFilter m_filter;
  int m_layer = 0;                              ///< MoE layer of the filter's expert
  int m_slots = 0;                              ///< k of that layer
  std::unique_ptr<trace::TraceReader> m_reader; ///< null unless the filter names an expert
  std::vector<std::uint16_t> m_ids;
};

} // namespace switchyard::jobs
