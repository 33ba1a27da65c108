#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/routing/policy.h"

namespace switchyard::routing {

/// draft.choiceOffsets, made [T, E] zeros if it was empty.
std::vector<float>& choiceOffsetsOf(RoutingDraft& draft);

/// Makes experts unselectable in every row: choice offset -inf, and logit -inf if asked.
void banExperts(const RoutingBatch& batch, std::span<const std::int32_t> experts, bool logitsToo,
                RoutingDraft& draft);

/// InvalidArgument unless some expert of the layer is left besides `banned` ones.
base::Result<void> requireOpenExpert(std::string_view step, const LayerFacts& layer,
                                     std::size_t banned);

} // namespace switchyard::routing
