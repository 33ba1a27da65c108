#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "app/studio/timeline/sequence_index.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

/// Equal parts of a range of tokens: one a column of pixels.
struct LaneRange {
  std::int64_t first = 0, last = 0; ///< [first, last) of all tokens of the trace
  int columns = 0;
  std::int64_t begin(int column) const { return first + (last - first) * column / columns; }
  friend bool operator==(const LaneRange&, const LaneRange&) = default;
};

/// The order in which columns are read so that every prefix is spread over the whole range: 0, the
/// middle, the quarters, ...
std::vector<int> spreadOrder(int columns);

/// Mean top-1 gate weight, over all layers, of a column's tokens. Of a column with more than
/// kSample tokens, that many consecutive ones around its middle are read: a long trace gives a
/// picture in bounded time. Any thread; calls wait for each other.
class LaneSampler {
public:
  static constexpr std::int64_t kSample = 64;

  /// The trace must have weights. Errors: the reader's.
  static base::Result<std::shared_ptr<LaneSampler>>
  create(const std::shared_ptr<const trace::Trace>& trace,
         std::shared_ptr<const SequenceIndex> index);

  /// The value of a column; NaN for one without tokens. Errors: the reader's.
  base::Result<float> sample(const LaneRange& range, int column);

private:
  LaneSampler() = default;
  std::shared_ptr<const SequenceIndex> m_index;
  std::mutex m_mutex;
  std::unique_ptr<trace::TraceReader> m_reader;
  std::vector<float> m_rows;
};

} // namespace switchyard::studio
