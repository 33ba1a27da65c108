#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/trace/block.h"

namespace switchyard::analyzers {

/// The MoE layers an accumulator was begun with, and the check every block passes before it is
/// counted. Counting loops may then index by min(id, E): E is the cell of unused slots.
class LayerSet {
public:
  /// Errors: InvalidArgument for no layer, E outside 1..65534, k outside 1..E.
  base::Result<void> begin(std::span<const trace::LayerInfo> layers);
  /// Errors: InvalidArgument if the block does not belong to these layers or its spans have other
  /// sizes than rows say; InvalidFormat for an id that is neither < E nor kNoExpert, or a gate
  /// weight that is not finite or above 2^21. `where` names layer and token. O(rows * k).
  base::Result<void> check(const trace::RoutingBlock& block) const;

  std::size_t size() const { return m_layers.size(); }
  const trace::LayerInfo& operator[](std::size_t layer) const { return m_layers[layer]; }
  std::span<const trace::LayerInfo> all() const { return m_layers; }
  /// Whether `other` was begun with the same layers.
  bool same(const LayerSet& other) const;

private:
  std::vector<trace::LayerInfo> m_layers;
};

/// The failure merge() returns when the other analyzer is of another kind, or has other options or
/// layers.
tl::unexpected<base::Error> cannotMerge(std::string_view id);

/// "12": the layer's position in the stack, as tables and figures show it.
std::string layerName(const trace::LayerInfo& layer);

/// "0", "1", ... for an axis of n experts.
std::vector<std::string> expertNames(int experts);

} // namespace switchyard::analyzers
