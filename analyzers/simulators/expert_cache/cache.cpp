#include "analyzers/simulators/expert_cache/cache.h"

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

ExpertCache::ExpertCache(CachePolicy policy, std::size_t capacity, std::size_t universe)
    : m_policy(policy), m_capacity(capacity), m_experts(universe) {
  m_residents.reserve(capacity < universe ? capacity : universe);
}

bool ExpertCache::worse(std::uint32_t a, std::uint32_t b) const {
  const Expert& x = m_experts[a];
  const Expert& y = m_experts[b];
  switch (m_policy) {
  case CachePolicy::Lfu:
    if (x.uses != y.uses)
      return x.uses < y.uses;
    [[fallthrough]];
  case CachePolicy::Lru:
    return x.lastUse != y.lastUse ? x.lastUse < y.lastUse : a < b;
  case CachePolicy::Fifo:
    return x.loaded < y.loaded;
  case CachePolicy::Belady:
    break;
  }
  return x.nextUse != y.nextUse ? x.nextUse > y.nextUse : a < b;
}

void ExpertCache::load(std::uint32_t id, CacheEvent* log) {
  std::size_t slot = m_residents.size();
  if (slot < m_capacity) {
    m_residents.push_back(id);
  } else {
    for (std::size_t s = 0; s < m_residents.size(); ++s) {
      const std::uint32_t resident = m_residents[s];
      const bool pinned = m_experts[resident].lastUse == m_now;
      if (!pinned && (slot == m_residents.size() || worse(resident, m_residents[slot])))
        slot = s;
    }
    if (slot == m_residents.size())
      return;
    m_experts[m_residents[slot]].resident = false;
    ++m_evictions;
    if (log != nullptr)
      log->evicted.push_back(m_residents[slot]);
    m_residents[slot] = id;
  }
  m_experts[id].resident = true;
  m_experts[id].loaded = m_loads++;
}

std::size_t ExpertCache::step(std::span<const std::uint32_t> ids,
                              std::span<const std::int64_t> nextUse, CacheEvent* log) {
  ++m_now;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Expert& expert = m_experts[ids[i]];
    expert.lastUse = m_now;
    ++expert.uses;
    if (m_policy == CachePolicy::Belady)
      expert.nextUse = nextUse[i];
    hits += expert.resident ? 1 : 0;
    if (log != nullptr)
      (expert.resident ? log->hits : log->misses).push_back(ids[i]);
  }
  m_hits += static_cast<std::int64_t>(hits);
  m_misses += static_cast<std::int64_t>(ids.size() - hits);
  if (hits == ids.size())
    return hits;
  for (std::uint32_t id : ids) {
    if (!m_experts[id].resident)
      load(id, log);
  }
  return hits;
}

} // namespace switchyard::analyzers
