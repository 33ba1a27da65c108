#include "app/studio/figures/figure_widget.h"

#include <algorithm>

#include <QAccessible>
#include <QApplication>
#include <QContextMenuEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include "app/studio/figures/figure_accessible.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kZoomStep = 1.25;
constexpr int kSlideMs = 160;

} // namespace

FigureWidget::FigureWidget(QWidget* parent) : QWidget(parent) {
  installFigureAccessibility();
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  m_tipDelay.setSingleShot(true);
  connect(&m_tipDelay, &QTimer::timeout, this, &FigureWidget::showTip);
  connect(&Theme::instance(), &Theme::changed, this, &FigureWidget::refreshScene);
  m_slide.setStartValue(0.0);
  m_slide.setEndValue(1.0);
  m_slide.setEasingCurve(QEasingCurve::OutCubic);
  connect(&m_slide, &QVariantAnimation::valueChanged, this, [this](const QVariant& progress) {
    if (auto* heatmap = dynamic_cast<HeatmapScene*>(m_scene.get())) {
      heatmap->setSlide(progress.toDouble());
      m_image = {};
      update();
    }
  });
}

FigureWidget::~FigureWidget() = default;

void FigureWidget::setScene(std::unique_ptr<FigureScene> scene) {
  m_scene = std::move(scene);
  m_hover = -1;
  m_anchor = -1;
  if (m_scene) {
    setAccessibleName(m_scene->title());
    setAccessibleDescription(m_scene->headline());
  }
  refreshScene();
}

void FigureWidget::refreshScene() {
  changed(true);
}

void FigureWidget::slideScene() {
  refreshScene();
  const auto* heatmap = dynamic_cast<const HeatmapScene*>(m_scene.get());
  const int duration = Theme::instance().duration(kSlideMs);
  m_slide.stop();
  if (!heatmap || !heatmap->canSlide() || duration == 0 || !isVisible())
    return;
  m_slide.setDuration(duration);
  m_slide.start();
}

void FigureWidget::changed(bool somethingChanged) {
  if (!somethingChanged)
    return;
  m_needsLayout = true;
  m_image = {};
  relayout();
  update();
  Q_EMIT sceneChanged();
}

void FigureWidget::relayout() {
  if (!m_needsLayout || !m_scene || size().isEmpty())
    return;
  m_scene->layout(size(), devicePixelRatioF());
  m_needsLayout = false;
}

void FigureWidget::setMarks(const FigureMarks& marks) {
  if (m_marks == marks)
    return;
  const bool moved = m_marks.primary != marks.primary;
  m_marks = marks;
  if (moved && hasFocus() && marks.primary >= 0 && m_scene && QAccessible::isActive()) {
    QAccessibleEvent event(this, QAccessible::Selection);
    QAccessible::updateAccessibility(&event);
  }
  update();
}

void FigureWidget::setPlaceholder(int rows, int columns) {
  m_placeholderRows = rows;
  m_placeholderColumns = columns;
  update();
}

void FigureWidget::moveCurrent(int right, int down, bool extend) {
  if (!m_scene)
    return;
  relayout();
  const int next = m_scene->neighbour(m_marks.primary, right, down);
  if (next < 0)
    return;
  m_anchor = extend && m_anchor >= 0 ? m_anchor : next;
  Q_EMIT itemClicked(next, extend ? Qt::ShiftModifier : Qt::NoModifier);
}

void FigureWidget::zoomBy(double factor) {
  if (!m_scene)
    return;
  const QRectF current = m_scene->itemRect(m_marks.primary);
  const QPointF about = current.isEmpty() ? QRectF(rect()).center() : current.center();
  changed(m_scene->zoom(factor, about));
}

void FigureWidget::panBy(double right, double down) {
  if (m_scene)
    changed(m_scene->pan({right * width() / 4, down * height() / 4}));
}

void FigureWidget::fit() {
  if (m_scene)
    changed(m_scene->fit());
}

void FigureWidget::zoomToCurrent() {
  if (!m_scene)
    return;
  changed(m_scene->isZoomed() ? m_scene->fit() : m_scene->zoomTo(m_marks.primary));
}

void FigureWidget::paintInto(QPainter& painter, const QRectF& area, PaintTarget target) {
  if (!m_scene)
    return;
  painter.save();
  painter.translate(area.topLeft());
  m_scene->layout(area.size(), target == PaintTarget::Screen ? painter.device()->devicePixelRatioF() : 1);
  m_scene->paint(painter, target);
  paintMarks(painter);
  painter.restore();
  m_needsLayout = true;
  relayout();
}

void FigureWidget::ensureImage() {
  const QSize pixels = (QSizeF(size()) * devicePixelRatioF()).toSize();
  if (!m_image.isNull() && m_image.size() == pixels)
    return;
  relayout();
  m_image = QImage(pixels, QImage::Format_RGB32);
  m_image.setDevicePixelRatio(devicePixelRatioF());
  m_image.fill(Theme::instance().color(Ink::Canvas));
  if (!m_scene)
    return;
  QPainter painter(&m_image);
  m_scene->paint(painter, PaintTarget::Screen);
}

void FigureWidget::paintEvent(QPaintEvent*) {
  if (size().isEmpty())
    return;
  ensureImage();
  QPainter painter(this);
  painter.drawImage(QPoint(0, 0), m_image);
  if (!m_scene)
    paintPlaceholder(painter);
  paintMarks(painter);
  const Theme& theme = Theme::instance();
  if (m_drag == Drag::Rectangle) {
    painter.setPen(QPen(theme.color(Ink::Accent), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(m_pressed, m_dragged).normalized());
  }
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void FigureWidget::paintMarks(QPainter& painter) const {
  if (!m_scene)
    return;
  const Theme& theme = Theme::instance();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  const auto stroke = [&](int item, const QPen& pen, double out, bool halo) {
    if (item < 0 || item >= m_scene->items())
      return;
    QPainterPath shape = m_scene->itemShape(item);
    if (shape.isEmpty())
      return;
    if (const QRectF rect = m_scene->itemRect(item); shape.elementCount() <= 5) {
      shape = {};
      shape.addRoundedRect(rect.adjusted(-out, -out, out, out), 2, 2);
    }
    if (halo) {
      painter.setPen(QPen(theme.color(Ink::Canvas), pen.widthF() + 2));
      painter.drawPath(shape);
    }
    painter.setPen(pen);
    painter.drawPath(shape);
  };
  for (const int hovered : {m_marks.hover, m_hover})
    stroke(hovered, QPen(theme.color(Ink::TextMuted), 1), 0.5, false);
  const QPen selection(theme.color(Ink::Selection), 2);
  if (m_marks.set.size() <= 4096)
    for (const int item : m_marks.set)
      if (item != m_marks.primary)
        stroke(item, QPen(theme.color(Ink::Selection), 1), 0.5, true);
  if (m_marks.group.size() > 1) {
    QRectF together;
    for (const int item : m_marks.group)
      together = together.united(m_scene->itemRect(item));
    painter.setPen(QPen(theme.color(Ink::Selection), 1));
    painter.drawRect(together.adjusted(-1, -1, 1, 1));
  }
  stroke(m_marks.primary, selection, 1, true);
  QPen pin(theme.color(Ink::Pin), 2);
  pin.setDashPattern({2, 1});
  pin.setCapStyle(Qt::FlatCap);
  stroke(m_marks.pin, pin, 1, true);
  painter.restore();
}

void FigureWidget::paintPlaceholder(QPainter& painter) const {
  if (m_placeholderRows < 1 || m_placeholderColumns < 1)
    return;
  const Theme& theme = Theme::instance();
  const QRectF area = QRectF(rect()).adjusted(theme.px(34), theme.px(24), -theme.px(20), -theme.px(40));
  const int rows = std::min(m_placeholderRows, 12), columns = std::min(m_placeholderColumns, 32);
  const double rowPitch = area.height() / rows, columnPitch = area.width() / columns;
  const QBrush hatch = theme.noDataBrush();
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c)
      painter.fillRect(QRectF(area.left() + c * columnPitch, area.top() + (r + 0.2) * rowPitch, columnPitch - 1, 0.6 * rowPitch), hatch);
}

void FigureWidget::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  changed(true);
}

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
  if (m_drag == Drag::Maybe && (at - m_pressed).manhattanLength() >= QApplication::startDragDistance())
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
  changed(m_scene->isZoomed() ? m_scene->fit() : item >= 0 ? m_scene->zoomTo(item) : m_scene->zoomAt(event->position()));
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
  Q_EMIT menuRequested(item, mouse || place.isEmpty() ? event->globalPos() : mapToGlobal(place.center().toPoint()));
}

void FigureWidget::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  setHover(-1, {});
}

bool FigureWidget::event(QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
    update();
  return QWidget::event(event);
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
    QToolTip::showText(m_hoverAt + QPoint(12, 12), m_scene->describe(m_hover).join('\n').toHtmlEscaped().replace("\n", "<br>"), this);
}

} // namespace switchyard::studio
