// What mouse and keys do with the token strip.

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QToolTip>
#include <QWheelEvent>

#include "app/studio/live/metric_names.h"
#include "app/studio/live/token_strip.h"

namespace switchyard::studio {

std::int64_t TokenStrip::tokenAt(QPointF at) const {
  const int line = static_cast<int>(std::floor((at.y() + m_scroll) / lineHeight()));
  for (std::size_t i = 0; i < m_places.size(); ++i)
    if (m_places[i].line == line && at.x() >= m_places[i].x &&
        at.x() < m_places[i].x + m_places[i].width)
      return m_begin + static_cast<std::int64_t>(i);
  return -1;
}

void TokenStrip::wheelEvent(QWheelEvent* event) {
  const double lines = m_places.empty() ? 0 : m_places.back().line + 1;
  const double most = std::max(0.0, lines * lineHeight() - height());
  const double step = event->angleDelta().y() > 0 ? -lineHeight() : lineHeight();
  m_scroll = std::clamp(m_scroll + step, 0.0, most);
  event->accept();
  update();
}

void TokenStrip::mousePressEvent(QMouseEvent* event) {
  const std::int64_t position = tokenAt(event->position());
  if (position < 0 || event->button() != Qt::LeftButton)
    return;
  const auto modifiers = event->modifiers();
  const auto primary = m_workbench.selection().primaryToken();
  const auto anchor = primary ? m_player.positionOf(*primary) : std::nullopt;
  if ((modifiers & Qt::ShiftModifier) && anchor) {
    std::vector<TokenKey> range;
    for (std::int64_t p = std::min(*anchor, position); p <= std::max(*anchor, position); ++p)
      range.push_back(m_player.keyOf(p));
    m_workbench.selection().selectTokens(std::move(range));
    return;
  }
  m_player.select(position,
                  modifiers & Qt::ControlModifier ? SelectMode::Toggle : SelectMode::Replace);
}

void TokenStrip::mouseMoveEvent(QMouseEvent* event) {
  const std::int64_t position = tokenAt(event->position());
  m_workbench.selection().setHover(position < 0 ? Mark() : Mark(m_player.keyOf(position)));
}

void TokenStrip::leaveEvent(QEvent*) {
  m_workbench.selection().setHover({});
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
  const std::int64_t shown = m_player.shown();
  switch (event->key()) {
  case Qt::Key_Left:
    return m_player.select(shown - 1);
  case Qt::Key_Right:
    return m_player.select(shown + 1);
  default:
    QWidget::keyPressEvent(event);
  }
}

bool TokenStrip::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t position = tokenAt(help->pos());
    if (position < 0) {
      QToolTip::hideText();
      return true;
    }
    const Track& track = *m_player.track();
    const float value = valueOf(m_metric, track, position, m_layer, m_player.npmi());
    QToolTip::showText(help->globalPos(),
                       tr("token %1 %2 · %3 · id %4\n%5: %6")
                           .arg(position)
                           .arg(m_player.texts().quoted(track.token(position)),
                                position < track.promptLength() ? tr("prompt") : tr("generated"))
                           .arg(track.token(position))
                           .arg(metricName(m_metric, m_layer, track.shape()), metricText(value)),
                       this);
    return true;
  }
  return QWidget::event(event);
}

} // namespace switchyard::studio
