#pragma once

#include "app/studio/figures/color_domain.h"

namespace switchyard::studio {

/// What the colours of the yard stand for; the defaults are the design's. A value.
struct YardScales {
  /// Gate weight to the width, colour and opacity of strands and the fill of stations.
  ColorDomain gate{.high = 0.6, .clampsHigh = true};
  /// Share of the last tokens that use an expert to the grey of its cell.
  ColorDomain bed{.high = 0.6, .clampsHigh = true};
  friend bool operator==(const YardScales&, const YardScales&) = default;
};

} // namespace switchyard::studio
