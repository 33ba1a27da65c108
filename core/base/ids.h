#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace switchyard::base {

/// An integer that cannot be mixed up with another kind of integer. `value` is public because
/// indexing arrays is what ids are for; conversion in either direction is explicit.
template <typename Tag, typename Int> struct StrongId {
  using Value = Int;
  Int value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Int v) : value(v) {}
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

using LayerId = StrongId<struct LayerTag, std::int32_t>;       ///< position in the stack, from 0
using ExpertId = StrongId<struct ExpertTag, std::int32_t>;     ///< routed expert, 0..E-1
using TokenPos = StrongId<struct TokenPosTag, std::int64_t>;   ///< position in its sequence, from 0
using TokenId = StrongId<struct TokenIdTag, std::int32_t>;     ///< vocabulary entry
using SequenceId = StrongId<struct SequenceTag, std::int64_t>; ///< sequence of a run, from 0

} // namespace switchyard::base

template <typename Tag, typename Int> struct std::hash<switchyard::base::StrongId<Tag, Int>> {
  std::size_t operator()(switchyard::base::StrongId<Tag, Int> id) const noexcept {
    return std::hash<Int>{}(id.value);
  }
};
