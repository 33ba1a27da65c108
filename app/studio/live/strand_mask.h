#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <QPointF>
#include <QSize>

namespace switchyard::studio {

/// The pixels of an image that a strand covers, and how much of each: what its colour does not
/// change. Strands run downwards, each row of pixels meets them in one interval.
struct StrandMask {
  static constexpr int kGroup = 8; ///< pixels come in groups of so many
  /// Pixels beside each other.
  struct Run {
    int y, first, count;   ///< count: whole groups, some may not be covered
    std::ptrdiff_t shares; ///< where the coverage of the first one is; -1: all are covered wholly
  };
  std::vector<Run> runs{};
  std::vector<std::uint8_t> shares{}; ///< 255: wholly
};

/// A round-ended line from `from` down to `to`: the cubic whose tangents are vertical and whose
/// control points lie half-way, or straight. All in device pixels, in place of what `mask` held.
/// Empty if to.y() <= from.y() or the image is less than 112 pixels wide.
void traceStrand(StrandMask& mask, QSize image, QPointF from, QPointF to, double width,
                 bool curved);

/// How far across the curve is, 0..1, when it is `height` (0..1) of the way down.
double strandShare(double height);

} // namespace switchyard::studio
