#include "analyzers/report/palette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include <fmt/format.h>

namespace switchyard::analyzers::report {

namespace {

// Evenly spaced stops of matplotlib's viridis and ColorBrewer's PuOr (reversed).
constexpr std::array<std::uint32_t, 9> kViridis = {0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C,
                                                   0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725};
constexpr std::array<std::uint32_t, 11> kPuOr = {0x2D004B, 0x542788, 0x8073AC, 0xB2ABD2,
                                                 0xD8DAEB, 0xF7F7F7, 0xFEE0B6, 0xFDB863,
                                                 0xE08214, 0xB35806, 0x7F3B08};
constexpr std::array<std::uint32_t, 8> kOkabeIto = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                                    0x56B4E9, 0xE69F00, 0x000000, 0xB8AD00};

std::string interpolated(std::span<const std::uint32_t> stops, double share) {
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  const double part = at - static_cast<double>(low);
  std::uint32_t colour = 0;
  for (int shift : {16, 8, 0}) {
    const double a = stops[low] >> shift & 0xFF, b = stops[low + 1] >> shift & 0xFF;
    colour |= static_cast<std::uint32_t>(std::lround(a + (b - a) * part)) << shift;
  }
  return fmt::format("#{:06x}", colour);
}

} // namespace

std::string sequentialColour(double share) {
  return interpolated(kViridis, share);
}

std::string divergingColour(double share) {
  return interpolated(kPuOr, share);
}

std::string seriesColour(std::size_t index) {
  return fmt::format("#{:06x}", kOkabeIto[index % kOkabeIto.size()]);
}

} // namespace switchyard::analyzers::report
