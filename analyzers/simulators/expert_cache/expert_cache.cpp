#include "analyzers/simulators/expert_cache/expert_cache.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::analyzers {

using base::ErrorCode;
using base::fail;

struct ExpertCacheSimulator::Stream {
  std::vector<std::uint32_t> ids;
  std::vector<std::int64_t> nextUse; ///< per id: the next event of this stream that has it
  std::vector<std::int64_t> ends;
  std::size_t universe = 0;
  std::int64_t compulsory = 0;
};

base::Result<void> ExpertCacheSimulator::begin(std::span<const trace::LayerInfo> layers,
                                               const trace::MachineDescription& machine) {
  SY_TRY(m_layers.begin(layers));
  if (machine.expertBytes < 0 || machine.loadBandwidth < 0 || machine.loadLatency < 0)
    return fail(ErrorCode::InvalidArgument,
                "expert-cache: expert size, load bandwidth and load latency must not be negative");
  if (std::ranges::any_of(m_options.capacities, [](std::int64_t c) { return c < 0; }) ||
      m_options.policies.empty() || m_options.maxEvents < 1)
    return fail(ErrorCode::InvalidArgument,
                "expert-cache: capacities must be >= 0, with at least one policy and event");
  m_machine = machine;
  m_ids.clear();
  m_ends.clear();
  m_eventLayers.clear();
  m_leftOut = m_tokens = m_sequences = 0;
  return {};
}

base::Result<void> ExpertCacheSimulator::add(const trace::RoutingBlock& event) {
  SY_TRY(m_layers.check(event));
  if (event.rows == 0)
    return {};
  if (event.moeLayer == 0) {
    m_tokens += event.rows;
    m_sequences += event.firstToken == 0 ? 1 : 0;
  }
  if (static_cast<std::int64_t>(m_ends.size()) >= m_options.maxEvents) {
    ++m_leftOut;
    return {};
  }
  const auto start = static_cast<std::ptrdiff_t>(m_ids.size());
  std::ranges::copy_if(event.ids, std::back_inserter(m_ids),
                       [](std::uint16_t id) { return id != trace::kNoExpert; });
  std::sort(m_ids.begin() + start, m_ids.end());
  m_ids.erase(std::unique(m_ids.begin() + start, m_ids.end()), m_ids.end());
  m_ends.push_back(static_cast<std::int64_t>(m_ids.size()));
  m_eventLayers.push_back(static_cast<std::uint16_t>(event.moeLayer));
  return {};
}

std::vector<std::int64_t> ExpertCacheSimulator::capacities() const {
  std::vector<std::int64_t> out = m_options.capacities;
  if (out.empty()) {
    std::int64_t experts = 0, k = 0;
    for (const trace::LayerInfo& layer : m_layers.all()) {
      experts = std::max<std::int64_t>(experts, layer.experts);
      k = std::max<std::int64_t>(k, layer.k);
    }
    const auto caches = m_options.scope == CacheScope::Global
                            ? static_cast<std::int64_t>(m_layers.size())
                            : std::int64_t{1};
    for (std::int64_t c : {k, experts / 4, experts / 2, experts * 3 / 4})
      out.push_back(std::max(c, k) * caches);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The events of MoE layer `moeLayer`, or of all layers (-1) under ids layer * stride + expert.
ExpertCacheSimulator::Stream ExpertCacheSimulator::stream(int moeLayer) const {
  std::uint32_t stride = 0;
  for (const trace::LayerInfo& layer : m_layers.all())
    stride = std::max(stride, static_cast<std::uint32_t>(layer.experts));
  Stream out;
  out.universe = moeLayer < 0 ? stride * m_layers.size() : stride;
  std::int64_t start = 0;
  for (std::size_t e = 0; e < m_ends.size(); start = m_ends[e], ++e) {
    if (moeLayer >= 0 && m_eventLayers[e] != moeLayer)
      continue;
    const std::uint32_t offset = moeLayer < 0 ? m_eventLayers[e] * stride : 0;
    for (std::int64_t i = start; i < m_ends[e]; ++i)
      out.ids.push_back(m_ids[static_cast<std::size_t>(i)] + offset);
    out.ends.push_back(static_cast<std::int64_t>(out.ids.size()));
  }
  out.nextUse.resize(out.ids.size());
  std::vector<std::int64_t> next(out.universe, kNeverAgain);
  for (std::size_t e = out.ends.size(); e-- > 0;) {
    const std::int64_t first = e == 0 ? 0 : out.ends[e - 1];
    for (std::int64_t i = first; i < out.ends[e]; ++i) {
      std::int64_t& at = next[out.ids[static_cast<std::size_t>(i)]];
      out.nextUse[static_cast<std::size_t>(i)] = at;
      at = static_cast<std::int64_t>(e);
    }
  }
  out.compulsory = std::ranges::count_if(next, [](std::int64_t n) { return n != kNeverAgain; });
  return out;
}

/// Adds what every cache of the sweep does with one stream.
void ExpertCacheSimulator::replay(const Stream& events, std::vector<CacheOutcome>& outcomes) const {
  const auto run = [&](std::int64_t i) {
    CacheOutcome& outcome = outcomes[static_cast<std::size_t>(i)];
    ExpertCache cache(outcome.policy, static_cast<std::size_t>(outcome.capacity), events.universe);
    std::size_t start = 0;
    for (const std::int64_t end : events.ends) {
      const std::size_t count = static_cast<std::size_t>(end) - start;
      cache.step(std::span(events.ids).subspan(start, count),
                 std::span(events.nextUse).subspan(start, count));
      start += count;
    }
    outcome.accesses += static_cast<std::int64_t>(events.ids.size());
    outcome.hits += cache.hits();
    outcome.misses += cache.misses();
    outcome.evictions += cache.evictions();
    outcome.compulsory += events.compulsory;
  };
  const auto count = static_cast<std::int64_t>(outcomes.size());
  if (m_parallelFor) {
    m_parallelFor(count, run);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i)
    run(i);
}

std::vector<CacheOutcome> ExpertCacheSimulator::replay() const {
  std::vector<CacheOutcome> outcomes;
  const std::vector<std::int64_t> sizes = capacities();
  for (CachePolicy policy : m_options.policies) {
    for (std::int64_t capacity : sizes) {
      CacheOutcome outcome;
      outcome.policy = policy;
      outcome.capacity = capacity;
      outcomes.push_back(outcome);
    }
  }
  if (m_options.scope == CacheScope::Global)
    replay(stream(-1), outcomes);
  else
    for (int l = 0; l < static_cast<int>(m_layers.size()); ++l)
      replay(stream(l), outcomes);
  for (CacheOutcome& o : outcomes) {
    o.bytes = static_cast<double>(o.misses) * m_machine.expertBytes;
    if (m_machine.loadBandwidth > 0 && m_machine.expertBytes > 0)
      o.stallSeconds =
          static_cast<double>(o.misses) * m_machine.loadLatency + o.bytes / m_machine.loadBandwidth;
    for (const CacheOutcome& best : outcomes) {
      if (best.policy == CachePolicy::Belady && best.capacity == o.capacity) {
        o.policyLoss = o.misses - best.misses;
        o.workingSetLoss = best.misses - best.compulsory;
      }
    }
  }
  return outcomes;
}

} // namespace switchyard::analyzers
