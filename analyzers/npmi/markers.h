#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/trace/block.h"

namespace switchyard::analyzers {

/// A text whose occurrences are held against the experts, as token ids (the caller tokenizes).
struct Marker {
  std::string name{};
  /// Ways to write it, each a run of one or more ids ("Wait" with and without a leading space).
  std::vector<std::vector<std::int32_t>> spellings{};
  double coefficient = 1; ///< of its nPMI in the composite score
  bool operator==(const Marker&) const = default;
};

/// Which positions a marker of several tokens occupies.
enum class MarkerPosition : std::uint8_t {
  LastToken, ///< where the marker is complete: one position per occurrence
  AnyToken,  ///< every token of it
};

/// Positions of `sequence` in [first, first + rows) that `marker` occupies, ascending, each once.
/// Looks at tokens before `first` and, for AnyToken, after the range.
void findMarker(const Marker& marker, MarkerPosition rule, std::span<const std::int32_t> tokens,
                std::int64_t first, std::int64_t rows, std::vector<std::int64_t>& out);

} // namespace switchyard::analyzers
