// A figure's pixels: the scene as an image, marks over it, what stands there before there is one.

#include <algorithm>

#include <QPainter>
#include <QPainterPath>

#include "app/studio/figures/figure_widget.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void FigureWidget::paintInto(QPainter& painter, const QRectF& area, PaintTarget target) {
  if (!m_scene)
    return;
  painter.save();
  painter.translate(area.topLeft());
  m_scene->layout(area.size(),
                  target == PaintTarget::Screen ? painter.device()->devicePixelRatioF() : 1);
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
  const QRectF area =
      QRectF(rect()).adjusted(theme.px(34), theme.px(24), -theme.px(20), -theme.px(40));
  const int rows = std::min(m_placeholderRows, 12), columns = std::min(m_placeholderColumns, 32);
  const double rowPitch = area.height() / rows, columnPitch = area.width() / columns;
  const QBrush hatch = theme.noDataBrush();
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c)
      painter.fillRect(QRectF(area.left() + c * columnPitch, area.top() + (r + 0.2) * rowPitch,
                              columnPitch - 1, 0.6 * rowPitch),
                       hatch);
}

} // namespace switchyard::studio
