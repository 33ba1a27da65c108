#pragma once

#include <cstdint>
#include <span>

namespace switchyard::routing {

// Float32 building blocks of routing rules. Reductions run in index order. Reentrant, no
// allocation.

float sigmoid(float x);

/// out = softmax(in), the maximum subtracted. At least one entry must be finite; -inf gives 0.
/// In place allowed.
void softmax(std::span<const float> in, std::span<float> out);

/// Puts the ids of the `count` largest scores first into `order` [scores.size()]: higher score,
/// then lower id. The rest of `order` holds the other ids in no particular order. No NaN.
/// O(E log count).
void rank(std::span<const float> scores, std::span<std::int32_t> order, std::size_t count);

} // namespace switchyard::routing
