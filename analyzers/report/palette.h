#pragma once

#include <cstddef>
#include <string>

namespace switchyard::analyzers::report {

/// Colours as "#rrggbb". All are told apart under the common colour deficiencies, and grow darker
/// or lighter evenly with the value.
std::string sequentialColour(double share); ///< viridis, 0 = dark violet, 1 = yellow; clamped
/// PuOr: 0 = violet (below neutral), 0.5 = near white, 1 = orange (above neutral); clamped.
std::string divergingColour(double share);
/// Okabe and Ito's eight; repeats after eight (then lines are told apart by dashes).
std::string seriesColour(std::size_t index);
/// Of a cell without data: in neither scale; drawn hatched.
inline constexpr const char* kNoDataColour = "#c8c8c8";

} // namespace switchyard::analyzers::report
