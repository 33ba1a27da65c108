#include "app/studio/live/yard_painter.h"

#include <utility>

#include "app/studio/live/strand_raster.h"
#include "app/studio/live/yard_bed.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void YardPainter::invalidate() {
  m_previous = QImage();
  m_key = {};
}

void YardPainter::renderBed(const YardLayout& layout, const YardScene& scene) {
  YardBed bed(m_image, layout, scene);
  StrandRaster raster(m_image);
  m_history.update(m_image, layout, scene);
  for (int layer = 0; layer < layout.layers(); layer += layout.layersPerRow()) {
    bed.paintRow(layer);
    m_history.lay(raster, static_cast<std::size_t>(layer),
                  static_cast<std::size_t>(layer + layout.layersPerRow()));
  }
  bed.paintRest();
}

void YardPainter::renderStrands(const YardLayout& layout, const YardScene& scene) {
  StrandRaster raster(m_image);
  for (const yard::Segment& segment :
       yard::tokenSegments(layout, *scene.track, scene.position, !scene.tokenOut.isEmpty()))
    raster.draw(segment.from, segment.to, yard::strandWidth(segment.gate, scene.scales, layout),
                yard::strandColor(segment.gate, scene.scales), layout.isCurved());
  if (!scene.other || !scene.other->has(scene.position))
    return;
  QColor color = Theme::instance().color(Ink::Pin);
  color.setAlphaF(0.75f);
  for (const yard::Segment& segment :
       yard::tokenSegments(layout, *scene.other, scene.position, false))
    raster.draw(segment.from, segment.to, yard::strandWidth(segment.gate, scene.scales, layout),
                color, layout.isCurved());
}

void YardPainter::render(const YardLayout& layout, const YardScene& scene, QSize size,
                         double ratio) {
  const QSize pixels = (QSizeF(size) * ratio).toSize();
  if (m_image.size() != pixels)
    m_image = QImage(pixels, QImage::Format_RGB32);
  m_image.setDevicePixelRatio(ratio);
  renderBed(layout, scene);
  const bool shown = scene.track->has(scene.position);
  if (shown)
    renderStrands(layout, scene);
  QPainter painter(&m_image);
  if (shown)
    yard::paintStations(painter, layout, scene);
  yard::paintLabels(painter, layout, scene);
  if (!shown)
    return;
  painter.setRenderHint(QPainter::Antialiasing);
  yard::paintGutter(painter, layout, scene);
  yard::paintChips(painter, layout, scene);
  yard::paintLens(painter, layout, scene);
}

void YardPainter::paint(QPainter& painter, const YardLayout& layout, const YardScene& scene,
                        QSize size, double devicePixelRatio, double shown) {
  if (!scene.track || scene.track->layers() == 0 || size.isEmpty())
    return;
  const Key key{scene.track,     scene.other,   scene.position,   scene.history,
                scene.lensLayer, size,          devicePixelRatio, scene.tokenIn,
                scene.tokenOut,  scene.textOut, scene.scales};
  if (!(key == m_key)) {
    if (key.position != m_key.position && shown < 1)
      m_previous = std::exchange(m_image, QImage());
    render(layout, scene, size, devicePixelRatio);
    m_key = key;
  }
  if (shown < 1 && m_previous.size() == m_image.size()) {
    painter.drawImage(QPoint(0, 0), m_previous);
    painter.setOpacity(shown);
  }
  painter.drawImage(QPoint(0, 0), m_image);
  painter.setOpacity(1);
  painter.setRenderHint(QPainter::Antialiasing);
  if (scene.hoveredToken >= 0 && scene.track->has(scene.hoveredToken)) {
    painter.setPen(QPen(Theme::instance().color(Ink::Text), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(yard::firstChoices(layout, *scene.track, scene.hoveredToken));
  }
  yard::paintMarks(painter, layout, scene);
  yard::paintSelection(painter, layout, scene);
}

} // namespace switchyard::studio
