#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/trace/analyzer.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// Which rows of a trace count. Every part that is set has to hold.
struct RowFilter {
  /// [first, last) of the trace's rows, sequence after sequence.
  std::optional<std::pair<std::int64_t, std::int64_t>> range{};
  /// (layer of the stack, expert): rows that selected this expert there.
  std::optional<std::pair<int, int>> routedTo{};
  /// Only about so many of the rows in range, in runs of kSampleRun spread evenly over it: a
  /// preview. 0: all of them.
  std::int64_t sample = 0;

  static constexpr std::int64_t kSampleRun = 64;
  bool isEmpty() const { return !range && !routedTo && sample == 0; }
  std::string description() const; ///< "tokens 100 to 199, routed to L5 E19"
  friend bool operator==(const RowFilter&, const RowFilter&) = default;
};

/// From what a command line says: rows "100:200" (half open), routedTo "5:19" (layer:expert);
/// empty: not limited. Errors: InvalidArgument naming the flag and what it must be.
base::Result<RowFilter> parseRowFilter(std::string_view rows, std::string_view routedTo);
/// The flags that parseRowFilter() reads back, with a leading blank; empty for no filter. A sample
/// has none: the line makes the whole of what it previews.
std::string flagsOf(const RowFilter& filter);

/// Rows of [first, last) that range and sample keep, of a trace of `total` rows: ascending [from,
/// to).
std::vector<std::pair<std::int64_t, std::int64_t>>
keptRows(const RowFilter& filter, std::int64_t total, std::int64_t first, std::int64_t last);

/// Where each sequence's rows start among the rows of the trace; one more entry at the end.
base::Result<std::shared_ptr<const std::vector<std::int64_t>>> rowStarts(const trace::Trace& trace);

/// An analyzer that sees only the rows of `filter`: each run of neighbouring rows as a block of its
/// own, all layers of a run before the next run. starts: rowStarts() of the trace. Errors beyond
/// the inner analyzer's: InvalidArgument in begin() if the trace has no such layer or expert.
std::unique_ptr<trace::Analyzer> withRows(std::unique_ptr<trace::Analyzer> inner,
                                          std::shared_ptr<const trace::Trace> trace,
                                          std::shared_ptr<const std::vector<std::int64_t>> starts,
                                          const RowFilter& filter);

} // namespace switchyard::jobs
