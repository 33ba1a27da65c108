#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::analyzers {

/// Experts of one layer by how recently they were used. Experts of one event are equally recent,
/// the higher id on top. Starts empty.
class LruStack {
public:
  explicit LruStack(int experts = 0);
  void clear();

  /// Uses the distinct ids of one event. For every id that was used before, adds 1 to
  /// histogram[d], d = experts more recent than it when the event begins; histogram has one cell
  /// per expert. Returns how many ids are used for the first time. O(depth of the deepest id).
  int use(std::span<const std::uint16_t> ids, std::int64_t* histogram);

private:
  std::vector<std::uint16_t> m_stack;          ///< most recent first
  std::vector<std::uint8_t> m_known, m_wanted; ///< by expert
  std::vector<std::uint16_t> m_event;
};

} // namespace switchyard::analyzers
