#pragma once

#include <vector>

#include <QColor>
#include <QImage>
#include <QPointF>

namespace switchyard::studio {

/// Draws the strands of the yard into an opaque image. They run downwards, each row of pixels meets
/// them in one interval, so that an interval and a blend a row do what takes QPainter's stroker some
/// hundred times as long.
class StrandRaster {
public:
  /// Borrows a Format_RGB32 image. Coordinates are logical, of the image's device pixel ratio.
  explicit StrandRaster(QImage& image);

  /// A round-ended line from `from` down to `to`: the cubic whose tangents are vertical and whose
  /// control points lie half-way, or straight. `color` with its opacity. to.y() <= from.y(): nothing.
  void draw(QPointF from, QPointF to, double width, const QColor& color, bool curved);

private:
  void blend(int row, int first, int last, const QColor& color);

  QImage& m_image;
  double m_ratio;
  std::vector<float> m_ends;  ///< coverage of the pixels where intervals begin and end
  std::vector<float> m_steps; ///< changes of coverage from this pixel on
  std::vector<QRgb> m_alphas; ///< opacities of the row that is blended, 0 to 256
};

/// How far across the curve is, 0..1, when it is `height` (0..1) of the way down.
double strandShare(double height);

} // namespace switchyard::studio
