#pragma once

#include <QColor>
#include <QImage>

#include "app/studio/live/strand_mask.h"

namespace switchyard::studio {

/// Draws the strands of the yard into an opaque image, some hundred times as fast as QPainter's
/// stroker.
class StrandRaster {
public:
  /// Borrows a Format_RGB32 image. Coordinates are logical, of the image's device pixel ratio.
  explicit StrandRaster(QImage& image);

  /// Lays `color` with its opacity over what a mask made for this image covers.
  void lay(const StrandMask& mask, const QColor& color);
  /// The strand of traceStrand().
  void draw(QPointF from, QPointF to, double width, const QColor& color, bool curved);

private:
  uchar* m_bits;
  qsizetype m_bytesPerLine;
  QSize m_size; ///< device pixels
  double m_ratio;
  StrandMask m_mask; ///< of the strand that is drawn
};

} // namespace switchyard::studio
