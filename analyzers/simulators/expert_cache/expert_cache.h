#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "analyzers/common/layer_set.h"
#include "analyzers/simulators/expert_cache/cache.h"
#include "core/trace/simulator.h"

namespace switchyard::analyzers {

enum class CacheScope : std::uint8_t {
  PerLayer, ///< each MoE layer has its own cache of `capacity` experts
  Global,   ///< one cache of `capacity` experts for all layers
};

struct ExpertCacheOptions {
  CacheScope scope = CacheScope::PerLayer;
  std::vector<CachePolicy> policies = {CachePolicy::Lru, CachePolicy::Lfu, CachePolicy::Fifo,
                                       CachePolicy::Belady};
  /// Experts per cache. Empty: k, E/4, E/2 and 3E/4 of the largest layer (times the number of
  /// layers for a global cache).
  std::vector<std::int64_t> capacities = {};
  /// Events kept for the replay (Belady needs the future); later ones are left out and reported.
  std::int64_t maxEvents = 4'000'000;
};

/// One policy at one capacity, summed over layers.
struct CacheOutcome {
  CachePolicy policy = CachePolicy::Lru;
  std::int64_t capacity = 0;
  std::int64_t accesses = 0; ///< ids of all events, each once per event
  std::int64_t hits = 0, misses = 0, evictions = 0;
  std::int64_t compulsory = 0;                ///< first use of each expert: no cache avoids them
  std::optional<std::int64_t> policyLoss;     ///< misses beyond Belady's; needs Belady in the sweep
  std::optional<std::int64_t> workingSetLoss; ///< Belady's misses beyond the compulsory ones
  double bytes = 0;                   ///< moved into the cache; 0 if the expert size is unknown
  std::optional<double> stallSeconds; ///< misses * (latency + bytes / bandwidth), no overlap
};

/// Runs a body for every i of [0, count), in any order, on any threads.
using ParallelFor =
    std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& body)>;

/// Replays a trace on caches that hold only some experts: LRU, LFU, FIFO and Belady's optimum,
/// every capacity of the sweep in one pass over the events; hits, bytes, stall time, and what a
/// policy loses apart from what any policy must lose. One block is one event (rows of a block ran
/// together: their experts are needed at once). Cost of a miss: latency + bytes / bandwidth of the
/// machine. Memory O(events * k) up to maxEvents; result() does the replay, the caches of the sweep
/// side by side where `parallelFor` is given.
class ExpertCacheSimulator final : public trace::Simulator {
public:
  explicit ExpertCacheSimulator(ExpertCacheOptions options = {}, ParallelFor parallelFor = {})
      : m_options(std::move(options)), m_parallelFor(std::move(parallelFor)) {}

  std::string_view id() const override { return "expert-cache"; }
  /// Errors: InvalidArgument for a negative capacity, bandwidth, size or latency.
  base::Result<void> begin(std::span<const trace::LayerInfo> layers,
                           const trace::MachineDescription& machine) override;
  base::Result<void> add(const trace::RoutingBlock& event) override;
  base::Result<trace::AnalysisResult> result() const override;

  /// The sweep, policies in the order of the options, capacities ascending.
  std::vector<CacheOutcome> replay() const;

private:
  struct Stream; ///< the events of one cache
  Stream stream(int moeLayer) const;
  void replay(const Stream& events, std::vector<CacheOutcome>& outcomes) const;
  std::vector<std::int64_t> capacities() const;

  ExpertCacheOptions m_options;
  ParallelFor m_parallelFor;
  trace::MachineDescription m_machine;
  LayerSet m_layers;
  std::vector<std::uint16_t> m_ids; ///< of all events, ascending and distinct in each
  std::vector<std::int64_t> m_ends; ///< of each event in m_ids
  std::vector<std::uint16_t> m_eventLayers;
  std::int64_t m_leftOut = 0; ///< events beyond maxEvents
  std::int64_t m_tokens = 0, m_sequences = 0;
};

} // namespace switchyard::analyzers
