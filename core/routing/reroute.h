#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.h"
#include "core/routing/policy.h"

namespace switchyard::routing {

/// What may differ from the checkpoint's own rule when it routes again.
struct RerouteOptions {
  int k = 0;                              ///< experts per token; 0: the gate's
  std::span<const std::int32_t> kOfRow{}; ///< [T] instead of k, each 1..E; or empty
  /// These take a place first (several: ascending id), whatever their score and group; k stays and
  /// their weight is their normal score. Ascending, at most k.
  std::span<const std::int32_t> forced{};
};

/// Routes draft.logits [T, E] + draft.choiceOffsets with the layer's own gate into
/// draft.assignment. Without edits and options this gives the bytes of route().
///
/// An expert with choice offset -inf is never selected (not even as padding, and it does not count
/// in its group's score): with fewer than k allowed experts the row has fewer. An expert with logit
/// -inf has weight 0 and may still be listed when fewer than k are finite, as in route().
/// Errors, naming layer, row and token: NonFinite (a row with NaN, +inf, or all -inf);
/// InvalidArgument (no expert allowed, a forced expert with offset or logit -inf, an array of the
/// wrong length); Unsupported (SparseMixer with k > 2 or forced experts: it has no such thing).
base::Result<void> reroute(const LayerFacts& layer, std::span<const TokenFacts> tokens,
                           const RerouteOptions& options, RoutingDraft& draft);

/// The start of a chain: the model's logits and its own selection.
base::Result<void> startDraft(const RoutingBatch& batch, RoutingDraft& draft);

/// Where a failure of row `row` happened.
base::Where whereOf(const LayerFacts& layer, std::span<const TokenFacts> tokens, std::size_t row);

/// NonFinite naming the row unless every row of logits [T, E] has a finite entry and neither NaN
/// nor +inf; InvalidArgument unless the length is T * E.
base::Result<void> checkLogits(const LayerFacts& layer, std::span<const TokenFacts> tokens,
                               std::span<const float> logits);

} // namespace switchyard::routing
