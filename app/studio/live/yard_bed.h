#pragma once

#include <vector>

#include <QImage>

#include "app/studio/live/yard_layout.h"
#include "app/studio/live/yard_scene.h"

namespace switchyard::studio {

/// The ground of the yard's image: canvas, and a cell for each expert, grey by the share of the
/// last tokens that used it. Row by row, so that what is drawn over a row finds it in the cache.
class YardBed {
public:
  /// Borrows all three. The image is Format_RGB32, of any content.
  YardBed(QImage& image, const YardLayout& layout, const YardScene& scene);

  /// The row that begins with this layer, and what lies between it and the row before. Rows in
  /// rising order, none left out.
  void paintRow(int layer);
  void paintRest(); ///< below the last row

private:
  /// Pixels of one column, from the plot's left end on.
  struct Column {
    std::ptrdiff_t from, to;
  };
  void makeGreys(int layers);
  void paintUsed(int layer);
  void shade(QRgb* line) const;
  QRgb grey(int uses) const { return m_greys[static_cast<std::size_t>(uses)]; }
  void clearTo(int line);
  QRgb* line(int y) { return reinterpret_cast<QRgb*>(m_image.scanLine(y)); }

  QImage& m_image;
  const YardLayout& m_layout;
  const YardScene& m_scene;
  std::int64_t m_from, m_to; ///< tokens that count
  std::vector<QRgb> m_greys; ///< by the number of uses in a row of m_greyLayers layers
  int m_greyLayers = 0;
  std::vector<Column> m_columns;
  std::vector<int> m_counts; ///< uses of each expert in the row that is painted
  int m_left = 0;            ///< of the plot, pixels
  int m_clear = 0;           ///< lines that are done
  QRgb m_canvas;
};

} // namespace switchyard::studio
