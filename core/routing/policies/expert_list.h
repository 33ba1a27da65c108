#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/routing/policies/options.h"
#include "core/routing/policy.h"

namespace switchyard::routing {

/// The experts a step acts on, resolved for each MoE layer.
class ExpertList {
public:
  ExpertList() = default;
  explicit ExpertList(std::vector<ExpertRef> refs) : m_refs(std::move(refs)) {}

  bool empty() const { return m_refs.empty(); }

  /// Checks ids and layers against the model. Errors: InvalidArgument naming step and expert (an id
  /// beyond a layer's experts, a layer that is no MoE layer).
  base::Result<void> resolve(std::string_view step, std::span<const LayerFacts> layers);

  /// Ascending ids at that layer; valid after resolve().
  std::span<const std::int32_t> at(const LayerFacts& layer) const;

private:
  std::vector<ExpertRef> m_refs;
  std::vector<std::vector<std::int32_t>> m_byMoeLayer;
};

} // namespace switchyard::routing
