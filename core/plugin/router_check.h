#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/abi.h"
#include "core/routing/policy.h"

namespace switchyard::plugin {

/// Internal to the router adapter: the buffers that a plugin wrote into. `table` points into them.
struct RouterOutput {
  std::vector<float> logits, choiceOffsets; ///< [T, E]
  std::vector<std::int32_t> counts;         ///< [T]
  std::vector<std::int32_t> ids;            ///< [T, max_k]
  std::vector<float> weights, rawWeights;   ///< [T, max_k]
  std::vector<sy_drop> drops;
  sy_router_draft table{};
};

/// Checks what the plugin says it changed and copies just that into the draft. ownK: what max_k()
/// said for this layer.
/// Errors: InvalidArgument (unknown edit, counts, ids out of range or twice, drops), NonFinite
/// (weights, NaN or +inf in logits, a row without any finite logit); with the row.
base::Result<routing::Edit> takeRouterOutput(const RouterOutput& output, int experts,
                                             int virtualExperts, int ownK,
                                             routing::RoutingDraft& draft);

} // namespace switchyard::plugin
