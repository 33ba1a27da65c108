#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace switchyard::analyzers {

enum class CachePolicy : std::uint8_t { Lru, Lfu, Fifo, Belady };
inline constexpr CachePolicy kCachePolicies[] = {CachePolicy::Lru, CachePolicy::Lfu,
                                                 CachePolicy::Fifo, CachePolicy::Belady};
std::string_view name(CachePolicy policy); ///< "lru", "lfu", "fifo", "belady"

/// "Never used again" as a next use.
constexpr std::int64_t kNeverAgain = INT64_MAX;

/// What one event did.
struct CacheEvent {
  std::vector<std::uint32_t> hits, misses; ///< ascending
  std::vector<std::uint32_t> evicted;      ///< in the order it happened
};

/// One cache of equally large experts, replayed event by event:
///  1. Every id of the event that is resident at its start is a hit, all others are misses.
///  2. All its ids count as used now and are pinned until the event ends.
///  3. Misses are loaded in ascending order of id; when the cache is full, one unpinned resident is
///     evicted: LRU the one used longest ago, then lowest id; LFU the one with the fewest uses
///     since the start (uses while absent count too), then least recent, then lowest id; FIFO the
///     one loaded first; Belady the one whose next event is farthest, never again counting as
///     farthest, then lowest id.
///  4. With no unpinned resident left (capacity < size of the event) the missing id is served
///     without being kept: a miss that evicts nothing.
/// Starts cold. Bypass is not allowed: an expert that runs must be loaded.
class ExpertCache {
public:
  /// capacity >= 0 experts; ids are < universe.
  ExpertCache(CachePolicy policy, std::size_t capacity, std::size_t universe);

  /// ids: ascending, distinct. nextUse: for Belady, per id the number of the next event that has it
  /// (kNeverAgain if none); ignored otherwise. `log` may be null. Returns the number of hits.
  /// O(capacity) per miss.
  std::size_t step(std::span<const std::uint32_t> ids, std::span<const std::int64_t> nextUse,
                   CacheEvent* log = nullptr);

  CachePolicy policy() const { return m_policy; }
  std::size_t capacity() const { return m_capacity; }
  std::int64_t hits() const { return m_hits; }
  std::int64_t misses() const { return m_misses; }
  std::int64_t evictions() const { return m_evictions; }

private:
  static constexpr std::int32_t kAbsent = -1;
  struct Expert {
    std::int64_t uses = 0, loaded = 0;
    std::int32_t slot = kAbsent; ///< in m_ids, m_ranks and m_ties
  };
  void load(std::uint32_t id, CacheEvent* log);
  std::size_t victim() const;
  void rank(std::uint32_t id, std::int64_t nextUse);

  CachePolicy m_policy;
  std::size_t m_capacity;
  std::vector<Expert> m_experts;
  // Of each resident, in no order: the smallest rank is evicted first, then the smallest tie.
  std::vector<std::uint32_t> m_ids;
  std::vector<std::int64_t> m_ranks, m_ties;
  std::int64_t m_now = -1, m_loads = 0;
  std::int64_t m_hits = 0, m_misses = 0, m_evictions = 0;
};

} // namespace switchyard::analyzers
