#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.h"

namespace switchyard::studio {

/// Which tokens of two texts belong to no longest common subsequence.
struct TokenDiff {
  std::vector<bool> a, b; ///< true: differs
  /// Position from which on the texts are not the same; -1: they are the same.
  std::int64_t first = -1;
  std::int64_t differing() const; ///< of A or of B, the larger number
};

/// Time and memory O(n m) after the common head and tail are cut off; beyond 16 M pairs the middle
/// counts as different throughout. Of several longest subsequences the one that takes tokens of A
/// earliest.
TokenDiff diffTokens(std::span<const base::TokenId> a, std::span<const base::TokenId> b);

} // namespace switchyard::studio
