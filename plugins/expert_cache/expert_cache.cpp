#include "analyzers/simulators/expert_cache/expert_cache.h"
#include "plugins/common/wrapped_simulator.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Simulator> make(const sdk::Host& host,
                                                const sdk::Options& options) {
    analyzers::ExpertCacheOptions cache;
    cache.scope = options.string("scope") == "global" ? analyzers::CacheScope::Global
                                                      : analyzers::CacheScope::PerLayer;
    cache.policies.clear();
    for (const std::string& word : options.strings("policies"))
      for (const analyzers::CachePolicy policy : analyzers::kCachePolicies)
        if (name(policy) == word)
          cache.policies.push_back(policy);
    cache.capacities = options.integers("capacities");
    cache.maxEvents = options.integer("max-events");
    return std::make_unique<analyzers::ExpertCacheSimulator>(
        std::move(cache),
        [host](std::int64_t count, const auto& body) { host.parallelFor(count, body); });
  }
};

} // namespace

SY_PLUGIN("org.switchyard.expert-cache", "1.0.0", plugins::WrappedSimulator<Maker>);
