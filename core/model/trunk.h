#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/model/config.h"
#include "core/model/pass.h"

namespace switchyard::model {

/// Routing first differs in the first MoE layer's block. Until there, sequences of the same tokens
/// are computed alike, so a batch runs the trunk of each once and hands its rows on: a decoder that
/// runs a text under two routings pays for one of them in the layers before.

/// The layers whose attention belongs to the trunk: up to the first MoE layer, or all.
int trunkLayers(const ModelConfig& config);

/// Finds the segments at the end of a batch that run the same tokens after the same tokens as one
/// before them. leaders: for each of these, in order, the index of the first such segment.
/// Returns how many segments come before them. O(segments^2 * positions) comparisons of ids.
std::size_t findLeaders(std::span<const Segment> segments, std::vector<std::size_t>& leaders);

/// Gives the segments behind the first `leading` the rows of their leaders: those of the trunk's
/// keys and values, and of the workspace as it stands between a layer's attention and its MLP.
/// work.rows holds those of the leading segments before, of all segments after.
/// Errors: those of KvCache::reserve.
base::Result<void> followLeaders(std::span<const Segment> segments, std::size_t leading,
                                 std::span<const std::size_t> leaders, const ModelConfig& config,
                                 Workspace& work);

} // namespace switchyard::model
