#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <QImage>

#include "app/studio/figures/color_domain.h"
#include "app/studio/figures/grid_pyramid.h"
#include "app/studio/theme/color_map.h"

namespace switchyard::studio {

/// Device pixels [first, last) that a drawn row or column takes; the rest is gap.
struct PixelSpan {
  int first = 0;
  int last = 0;
};

/// `cells` spans over `pixels` device pixels, every edge on a pixel, `gap` empty pixels after each.
std::vector<PixelSpan> pixelSpans(int cells, int pixels, int gap);

/// Colours of cells that are no values.
struct CellInks {
  QRgb canvas = 0;
  QRgb noData = 0, noDataHatch = 0;
  QRgb filteredOut = 0, filteredLine = 0;
};

struct CellImageOptions {
  ColorDomain domain;
  const ColorMap* map = nullptr;
  CellInks inks;
  bool markNegative = false;                ///< 1 px diagonal in cells below the centre
  std::span<const std::uint8_t> filtered{}; ///< per drawn cell, or empty
};

/// Draws the grid on device pixels, aliased, opaque. Rows and columns that have no span, and gaps,
/// are canvas. Any thread. O(pixels + cells).
QImage cellImage(const DrawnGrid& grid, std::span<const PixelSpan> rows,
                 std::span<const PixelSpan> columns, QSize size, const CellImageOptions& options);

} // namespace switchyard::studio
