#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/common/expert_set.h"

namespace switchyard::analyzers {

/// Experts of one layer by how recently they were used. Experts of one event are equally recent,
/// the higher id on top. Starts empty. Kept as one set per expert, those more recent than it: an
/// event then costs E / 64 * E word operations that vectorise, whatever the depth.
class LruStack {
public:
  explicit LruStack(int experts = 0);
  void clear();

  /// Uses the distinct `ids` of one event, which `set` also holds. For every id that was used
  /// before, adds 1 to histogram[d], d = experts more recent than it when the event begins;
  /// histogram has one cell per expert. Returns how many ids are used for the first time.
  int use(std::span<const std::uint16_t> ids, std::span<const std::uint64_t> set,
          std::int64_t* histogram);

private:
  int useAny(std::span<const std::uint16_t> ids, std::span<const std::uint64_t> set,
             std::int64_t* histogram);
  int useWide(std::span<const std::uint16_t> ids, std::span<const std::uint64_t> set,
              std::int64_t* histogram); ///< the same for processors with wider words

  std::size_t m_experts;
  std::vector<std::uint64_t> m_known; ///< used at least once
  std::vector<std::uint64_t> m_above; ///< [words, E] experts more recent than e
};

} // namespace switchyard::analyzers
