#include "analyzers/simulators/expert_cache/cache.h"

#include <algorithm>
#include <limits>

namespace switchyard::analyzers {

std::string_view name(CachePolicy policy) {
  switch (policy) {
  case CachePolicy::Lru:
    return "lru";
  case CachePolicy::Lfu:
    return "lfu";
  case CachePolicy::Fifo:
    return "fifo";
  case CachePolicy::Belady:
    break;
  }
  return "belady";
}

namespace {

constexpr std::int64_t kPinned = std::numeric_limits<std::int64_t>::max(); ///< a rank

} // namespace

ExpertCache::ExpertCache(CachePolicy policy, std::size_t capacity, std::size_t universe)
    : m_policy(policy), m_capacity(capacity), m_experts(universe) {
  const std::size_t most = std::min(capacity, universe);
  m_ids.reserve(most);
  m_ranks.reserve(most);
  m_ties.reserve(most);
}

/// The slot to be emptied; their number if all are pinned.
std::size_t ExpertCache::victim() const {
  std::size_t slot = m_ranks.size();
  std::int64_t least = kPinned;
  for (std::size_t s = 0; s < m_ranks.size(); ++s) {
    if (m_ranks[s] > least || m_ranks[s] == kPinned)
      continue;
    if (m_ranks[s] < least || m_ties[s] < m_ties[slot]) {
      slot = s;
      least = m_ranks[s];
    }
  }
  return slot;
}

void ExpertCache::load(std::uint32_t id, CacheEvent* log) {
  std::size_t slot = m_ids.size();
  if (slot < m_capacity) {
    m_ids.push_back(id);
    m_ranks.push_back(kPinned);
    m_ties.push_back(0);
  } else {
    slot = victim();
    if (slot == m_ids.size())
      return;
    m_experts[m_ids[slot]].slot = kAbsent;
    ++m_evictions;
    if (log != nullptr)
      log->evicted.push_back(m_ids[slot]);
    m_ids[slot] = id;
    m_ranks[slot] = kPinned;
  }
  m_experts[id].slot = static_cast<std::int32_t>(slot);
  m_experts[id].loaded = m_loads++;
}

/// Ranks a resident that the current event used.
void ExpertCache::rank(std::uint32_t id, std::int64_t nextUse) {
  const Expert& expert = m_experts[id];
  const auto slot = static_cast<std::size_t>(expert.slot);
  switch (m_policy) {
  case CachePolicy::Lru:
    m_ranks[slot] = m_now;
    m_ties[slot] = id;
    break;
  case CachePolicy::Lfu:
    m_ranks[slot] = expert.uses;
    m_ties[slot] = m_now * static_cast<std::int64_t>(m_experts.size()) + id;
    break;
  case CachePolicy::Fifo:
    m_ranks[slot] = expert.loaded;
    break;
  case CachePolicy::Belady:
    m_ranks[slot] = -nextUse;
    m_ties[slot] = id;
    break;
  }
}

std::size_t ExpertCache::step(std::span<const std::uint32_t> ids,
                              std::span<const std::int64_t> nextUse, CacheEvent* log) {
  ++m_now;
  std::size_t hits = 0;
  for (const std::uint32_t id : ids) {
    Expert& expert = m_experts[id];
    ++expert.uses;
    const bool resident = expert.slot != kAbsent;
    hits += resident ? 1 : 0;
    if (resident)
      m_ranks[static_cast<std::size_t>(expert.slot)] = kPinned;
    if (log != nullptr)
      (resident ? log->hits : log->misses).push_back(id);
  }
  m_hits += static_cast<std::int64_t>(hits);
  m_misses += static_cast<std::int64_t>(ids.size() - hits);
  if (hits < ids.size()) {
    for (const std::uint32_t id : ids) {
      if (m_experts[id].slot == kAbsent)
        load(id, log);
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (m_experts[ids[i]].slot != kAbsent)
      rank(ids[i], m_policy == CachePolicy::Belady ? nextUse[i] : 0);
  }
  return hits;
}

} // namespace switchyard::analyzers
