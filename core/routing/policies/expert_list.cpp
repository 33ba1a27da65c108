#include "core/routing/policies/expert_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::routing {

base::Result<void> ExpertList::resolve(std::string_view step, std::span<const LayerFacts> layers) {
  // A scope may have left layers out: indices are those of the whole model.
  int last = -1;
  for (const LayerFacts& layer : layers)
    last = std::max(last, layer.moeLayer);
  m_byMoeLayer.assign(static_cast<std::size_t>(last + 1), {});
  for (const ExpertRef& ref : m_refs) {
    bool found = false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (ref.layer && *ref.layer != layers[i].layer.value)
        continue;
      found = true;
      if (ref.expert >= layers[i].experts)
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step '{}': expert {} does not exist, there are {}", step,
                                      ref.expert, layers[i].experts),
                          {.layer = layers[i].layer});
      m_byMoeLayer[static_cast<std::size_t>(layers[i].moeLayer)].push_back(ref.expert);
    }
    if (!found)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("step '{}': layer {} is not an MoE layer of this model", step,
                                    ref.layer.value_or(0)));
  }
  for (std::vector<std::int32_t>& ids : m_byMoeLayer) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return {};
}

std::span<const std::int32_t> ExpertList::at(const LayerFacts& layer) const {
  const auto index = static_cast<std::size_t>(layer.moeLayer);
  return index < m_byMoeLayer.size() ? std::span<const std::int32_t>(m_byMoeLayer[index])
                                     : std::span<const std::int32_t>();
}

} // namespace switchyard::routing
