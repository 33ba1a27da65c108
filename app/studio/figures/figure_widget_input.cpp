// What mouse, wheel and menu key do with a figure.

#include <QApplication>
#include <QContextMenuEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include "app/studio/figures/figure_widget.h"

namespace switchyard::studio {

namespace {

constexpr double kZoomStep = 1.25;

} // namespace

void FigureWidget::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  m_pressed = m_dragged = event->position();
  if (event->button() == Qt::MiddleButton)
    m_drag = Drag::Pan;
  else if (event->button() == Qt::LeftButton)
    m_drag = Drag::Maybe;
  QToolTip::hideText();
}

void FigureWidget::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (m_drag == Drag::Pan && m_scene) {
    const QPointF delta = m_dragged - at;
    // Whole cells move: keep what is left of a step for the next event.
    if (m_scene->pan(delta)) {
      m_dragged = at;
      changed(true);
    }
    return;
  }
  if (m_drag == Drag::Maybe &&
      (at - m_pressed).manhattanLength() >= QApplication::startDragDistance())
    m_drag = Drag::Rectangle;
  if (m_drag == Drag::Rectangle) {
    m_dragged = at;
    update();
    return;
  }
  setHover(m_scene ? m_scene->itemAt(at) : -1, event->globalPosition().toPoint());
}

void FigureWidget::mouseReleaseEvent(QMouseEvent* event) {
  const Drag drag = std::exchange(m_drag, Drag::None);
  if (!m_scene || event->button() != Qt::LeftButton) {
    update();
    return;
  }
  if (drag == Drag::Rectangle) {
    Q_EMIT itemsChosen(m_scene->itemsIn(QRectF(m_pressed, event->position()).normalized()),
                       event->modifiers().testFlag(Qt::ControlModifier));
    update();
    return;
  }
  const int item = m_scene->itemAt(event->position());
  if (item < 0) {
    Q_EMIT groundClicked(event->position(), event->modifiers());
    return;
  }
  if (event->modifiers().testFlag(Qt::ShiftModifier) && m_anchor >= 0) {
    const QRectF range = m_scene->itemRect(m_anchor).united(m_scene->itemRect(item));
    Q_EMIT itemsChosen(m_scene->itemsIn(range), false);
    return;
  }
  m_anchor = item;
  Q_EMIT itemClicked(item, event->modifiers());
}

void FigureWidget::mouseDoubleClickEvent(QMouseEvent* event) {
  if (!m_scene || event->button() != Qt::LeftButton)
    return;
  const int item = m_scene->itemAt(event->position());
  m_drag = Drag::None;
  if (item >= 0)
    Q_EMIT itemActivated(item);
  changed(m_scene->isZoomed() ? m_scene->fit()
          : item >= 0         ? m_scene->zoomTo(item)
                              : m_scene->zoomAt(event->position()));
}

void FigureWidget::wheelEvent(QWheelEvent* event) {
  if (!m_scene)
    return;
  const QPoint angle = event->angleDelta();
  bool moved = false;
  if (event->modifiers().testFlag(Qt::ControlModifier))
    moved = m_scene->zoom(angle.y() > 0 ? kZoomStep : 1 / kZoomStep, event->position());
  else if (event->modifiers().testFlag(Qt::ShiftModifier) || angle.x() != 0)
    moved = m_scene->pan({-(angle.x() != 0 ? angle.x() : angle.y()) / 2.0, 0});
  else
    moved = m_scene->pan({0, -angle.y() / 2.0});
  changed(moved);
  event->setAccepted(moved);
}

void FigureWidget::contextMenuEvent(QContextMenuEvent* event) {
  if (!m_scene)
    return;
  const bool mouse = event->reason() == QContextMenuEvent::Mouse;
  const int item = mouse ? m_scene->itemAt(event->pos()) : m_marks.primary;
  const QRectF place = m_scene->itemRect(item);
  Q_EMIT menuRequested(item, mouse || place.isEmpty() ? event->globalPos()
                                                      : mapToGlobal(place.center().toPoint()));
}

void FigureWidget::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  setHover(-1, {});
}

void FigureWidget::setHover(int item, const QPoint& globalPosition) {
  m_hoverAt = globalPosition;
  if (item == m_hover)
    return;
  m_hover = item;
  update();
  Q_EMIT hoverChanged(item);
  if (item < 0) {
    m_tipDelay.stop();
    QToolTip::hideText();
  } else if (QToolTip::isVisible()) {
    showTip();
  } else {
    m_tipDelay.start(300);
  }
}

void FigureWidget::showTip() {
  if (m_scene && m_hover >= 0)
    QToolTip::showText(m_hoverAt + QPoint(12, 12),
                       m_scene->describe(m_hover).join('\n').toHtmlEscaped().replace("\n", "<br>"),
                       this);
}

} // namespace switchyard::studio
