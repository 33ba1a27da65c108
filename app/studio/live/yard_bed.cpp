#include "app/studio/live/yard_bed.h"

#include <algorithm>
#include <cmath>

#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

YardBed::YardBed(QImage& image, const YardLayout& layout, const YardScene& scene)
    : m_image(image), m_layout(layout), m_scene(scene), m_to(scene.position + 1),
      m_counts(static_cast<std::size_t>(layout.experts())),
      m_canvas(Theme::instance().color(Ink::Canvas).rgb()) {
  m_from = std::max(scene.track->begin(), m_to - kBedWindow);
  const double ratio = image.devicePixelRatio();
  m_left = std::clamp(qRound(layout.plot().left() * ratio), 0, image.width());
  const int right = std::clamp(qRound(layout.plot().right() * ratio), m_left, image.width());
  const auto pixel = [&](double x) {
    return static_cast<std::ptrdiff_t>(
        std::clamp(std::round(x * ratio), 0.0, static_cast<double>(right - m_left)));
  };
  for (int column = 0; column < layout.columns() && !layout.usedOnly(); ++column) {
    const double at = column * layout.columnWidth();
    m_columns.push_back({pixel(at), pixel(at + layout.columnWidth() - layout.gap())});
  }
  if (layout.usedOnly())
    clearTo(image.height());
}

void YardBed::makeGreys(int layers) {
  if (m_greyLayers == layers)
    return;
  m_greyLayers = layers;
  m_greys.clear();
  const int most = static_cast<int>(std::max<std::int64_t>(0, m_to - m_from)) * layers;
  for (int uses = 0; uses <= most; ++uses)
    m_greys.push_back(
        yard::bedColor(static_cast<double>(uses) / std::max(1, most), m_scene.scales).rgb());
}

void YardBed::clearTo(int y) {
  for (; m_clear < y; ++m_clear)
    std::fill_n(line(m_clear), m_image.width(), m_canvas);
}

void YardBed::paintRow(int layer) {
  const int last = std::min(m_layout.layers(), layer + m_layout.layersPerRow());
  std::ranges::fill(m_counts, 0);
  for (int l = layer; l < last; ++l)
    m_scene.track->countUses(static_cast<std::size_t>(l), m_from, m_to, m_counts);
  makeGreys(last - layer);
  if (m_layout.usedOnly())
    return paintUsed(layer);
  const double ratio = m_image.devicePixelRatio();
  const QRectF row = m_layout.rowRect(layer);
  const int top = std::clamp(qRound(row.top() * ratio), 0, m_image.height());
  const int bottom = std::clamp(qRound(row.bottom() * ratio), top, m_image.height());
  if (top == bottom)
    return;
  clearTo(top + 1);
  shade(line(top));
  for (; m_clear < bottom; ++m_clear)
    std::copy_n(line(top), m_image.width(), line(m_clear));
}

void YardBed::paintUsed(int layer) {
  QPainter painter(&m_image);
  for (int e = 0; e < m_layout.experts(); ++e)
    if (const QRectF cell = m_layout.cell(layer, e); !cell.isEmpty())
      painter.fillRect(cell.toAlignedRect(), grey(m_counts[static_cast<std::size_t>(e)]));
}

void YardBed::paintRest() {
  clearTo(m_image.height());
}

void YardBed::shade(QRgb* line) const {
  const int perColumn = m_layout.expertsPerColumn();
  int expert = 0;
  for (const Column& column : m_columns) {
    int most = 0;
    for (const int end = std::min(m_layout.experts(), expert + perColumn); expert < end; ++expert)
      most = std::max(most, m_counts[static_cast<std::size_t>(expert)]);
    std::fill(line + m_left + column.from, line + m_left + column.to, grey(most));
  }
}

} // namespace switchyard::studio
