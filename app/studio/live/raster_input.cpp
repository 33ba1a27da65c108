// What mouse and wheel do on the raster, and what it says about a cell.

#include <QHelpEvent>
#include <QToolTip>
#include <QWheelEvent>

#include "app/studio/live/metric_names.h"
#include "app/studio/live/raster.h"

namespace switchyard::studio {

Raster::Hit Raster::hitAt(QPointF at) const {
  const Track* track = m_player.track();
  const QRectF area = plot();
  if (!track || !area.contains(at))
    return {};
  const std::int64_t position =
      m_first + static_cast<std::int64_t>((at.x() - area.left()) / m_columnWidth) * m_perColumn;
  const int layer = static_cast<int>((at.y() - area.top()) / area.height() *
                                     static_cast<double>(track->layers()));
  if (!track->contains(position))
    return {};
  return {position, layer};
}

void Raster::wheelEvent(QWheelEvent* event) {
  event->accept();
  if (event->modifiers() & Qt::ControlModifier)
    return zoom(event->angleDelta().y() > 0 ? 1.25 : 0.8);
  const int delta =
      event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
  scroll(delta > 0 ? -8 : 8);
}

void Raster::scroll(std::int64_t columns) {
  setFollows(false);
  m_first += columns * m_perColumn;
  update();
}

void Raster::mousePressEvent(QMouseEvent* event) {
  const Hit hit = hitAt(event->position());
  if (hit.position < 0 || event->button() != Qt::LeftButton)
    return;
  m_player.select(hit.position, event->modifiers() & Qt::ControlModifier ? SelectMode::Toggle
                                                                         : SelectMode::Replace);
  const int first =
      m_player.track()->firstChoice(hit.position, static_cast<std::size_t>(hit.layer));
  if (first >= 0)
    m_workbench.selection().select(m_player.expertKey(hit.layer, first));
}

void Raster::mouseMoveEvent(QMouseEvent* event) {
  const Hit hit = hitAt(event->position());
  m_workbench.selection().setHover(hit.position < 0 ? Mark() : Mark(m_player.keyOf(hit.position)));
}

void Raster::leaveEvent(QEvent*) {
  m_workbench.selection().setHover({});
}

bool Raster::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip)
    return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const Hit hit = hitAt(help->pos());
  if (hit.position < 0) {
    QToolTip::hideText();
    return true;
  }
  const Track& track = *m_player.track();
  const auto layer = static_cast<std::size_t>(hit.layer);
  const float value = valueOf(m_metric, track, hit.position, layer, m_player.npmi());
  QString text = tr("token %1 %2 · L%3 E%4\n%5 %6")
                     .arg(hit.position)
                     .arg(m_player.texts().quoted(track.token(hit.position)))
                     .arg(track.shape().layers[layer].layer)
                     .arg(track.firstChoice(hit.position, layer))
                     .arg(metricName(m_metric), metricText(value));
  if (m_perColumn > 1)
    text += tr("\n1 column = %1 tokens, maximum").arg(m_perColumn);
  QToolTip::showText(help->globalPos(), text, this);
  return true;
}

} // namespace switchyard::studio
