#include "app/studio/shell/elided_label.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QStyleOption>
#include <QToolTip>

namespace switchyard::studio {

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QLabel(text, parent) {
  setTextFormat(Qt::PlainText);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

bool ElidedLabel::isCut() const {
  return fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool ElidedLabel::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
    if (isCut())
      QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text(), this);
    else
      event->ignore();
    return true;
  }
  return QLabel::event(event);
}

void ElidedLabel::paintEvent(QPaintEvent* event) {
  if (hasSelectedText() || !isCut())
    return QLabel::paintEvent(event);
  QPainter painter(this);
  drawFrame(&painter);
  QStyleOption option;
  option.initFrom(this); // with the style sheet's colour
  const QRect area = contentsRect();
  style()->drawItemText(
      &painter, area, static_cast<int>(QStyle::visualAlignment(layoutDirection(), alignment())),
      option.palette, isEnabled(), fontMetrics().elidedText(text(), Qt::ElideRight, area.width()),
      foregroundRole());
}

} // namespace switchyard::studio
