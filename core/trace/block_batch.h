#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "core/base/error.h"
#include "core/trace/block.h"

namespace switchyard::trace {

/// Copies of consecutive blocks, so that several consumers can each take many in a row: the tables
/// of one then stay in the cache instead of making room for all the others' at every block. Its
/// memory is kept over clear(). Used by one thread.
class BlockBatch {
public:
  /// The sequence of the blocks that are added next; borrowed by nobody: it is moved in.
  const SequenceInfo& open(SequenceInfo sequence);
  /// block.sequence must be the one opened last. `reference` blocks are not kept.
  void add(const RoutingBlock& block);
  /// Bytes of the columns held.
  std::size_t bytes() const;
  /// Visits the blocks in the order they were added; ends at the first error and returns it.
  base::Result<void>
  forEach(const std::function<base::Result<void>(const RoutingBlock&)>& visit) const;
  /// Drops all blocks, and all sequences but the one opened last.
  void clear();

private:
  struct Range {
    std::size_t first = 0, size = 0;
  };
  struct Entry {
    RoutingBlock block; ///< its spans are empty
    Range ids, weights, logits, norms, predicted;
  };
  template <typename Value>
  static Range keep(std::vector<Value>& all, std::span<const Value> values) {
    const Range range{all.size(), values.size()};
    all.insert(all.end(), values.begin(), values.end());
    return range;
  }

  std::deque<SequenceInfo> m_sequences;
  std::vector<Entry> m_entries;
  std::vector<std::uint16_t> m_ids;
  std::vector<float> m_floats;
  std::vector<std::int32_t> m_predicted;
};

} // namespace switchyard::trace
