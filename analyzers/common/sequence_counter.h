#pragma once

#include <cstdint>

#include "core/trace/block.h"

namespace switchyard::analyzers {

/// Counts sequences as their blocks pass; those of one sequence must follow one another.
class SequenceCounter {
public:
  /// True when `block` is the first of a sequence.
  bool note(const trace::RoutingBlock& block) {
    if (block.sequence->index == m_last)
      return false;
    m_last = block.sequence->index;
    ++m_count;
    return true;
  }
  std::int64_t count() const { return m_count; }
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_count);
  }
  void merge(const SequenceCounter& other) { m_count += other.m_count; }

private:
  std::int64_t m_last = -1;
  std::int64_t m_count = 0;
};

} // namespace switchyard::analyzers
