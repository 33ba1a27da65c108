// What stands around the marks of a chart: axes, categories, the reference line.

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void ChartScene::paintAxes(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const auto line = [&](const QPointF& a, const QPointF& b) {
    painter.setPen(QPen(theme.color(Ink::GridLine), 1));
    painter.drawLine(a, b);
    painter.setPen(theme.color(Ink::TextMuted));
  };
  const double extent = isDots() ? m_plot.width() : m_plot.height();
  const int count = std::clamp(static_cast<int>(extent / theme.px(isDots() ? 90 : 48)), 2, 8);
  for (const double value : analyzers::report::ticks(m_value.low, m_value.high, count)) {
    const double pixel = std::round(m_value(value)) + 0.5;
    const QString text = valueText(value, m_spec.yFormat);
    if (isDots()) {
      line({pixel, m_plot.top()}, {pixel, m_plot.bottom()});
      painter.drawText(QRectF(pixel - 40, m_plot.bottom() + 4, 80, metrics.height()),
                       Qt::AlignCenter, text);
    } else {
      line({m_plot.left(), pixel}, {m_plot.right(), pixel});
      painter.drawText(
          QRectF(0, pixel - metrics.height(), m_plot.left() - theme.px(6), 2 * metrics.height()),
          Qt::AlignRight | Qt::AlignVCenter, text);
    }
  }
  painter.setFont(theme.font(TextSize::Note));
  if (isDots()) {
    painter.drawText(
        QRectF(m_plot.left(), m_plot.bottom() + theme.px(18), m_plot.width(), theme.px(16)),
        Qt::AlignCenter, m_spec.yTitle);
    paintCategories(painter);
    return;
  }
  painter.save();
  painter.translate(theme.px(12), m_plot.center().y());
  painter.rotate(-90);
  painter.drawText(
      QRectF(-m_plot.height() / 2 - 20, -theme.px(8), m_plot.height() + 40, theme.px(16)),
      Qt::AlignCenter, m_spec.yTitle);
  painter.restore();
  painter.drawText(
      QRectF(m_plot.left(), m_plot.bottom() + theme.px(20), m_plot.width(), theme.px(16)),
      Qt::AlignCenter, m_spec.xTitle);
  painter.setFont(font);
  if (isBar()) {
    paintCategories(painter);
    return;
  }
  const int across = std::clamp(static_cast<int>(m_plot.width() / theme.px(70)), 2, 12);
  for (const double value : analyzers::report::ticks(m_low, m_high, across)) {
    const QPointF place = at(value, m_value.low);
    line({std::round(place.x()) + 0.5, m_plot.bottom()},
         {std::round(place.x()) + 0.5, m_plot.bottom() + 4});
    painter.drawText(QRectF(place.x() - 40, m_plot.bottom() + 5, 80, metrics.height()),
                     Qt::AlignCenter, valueText(value, m_spec.xFormat));
  }
}

void ChartScene::paintCategories(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(isDots() ? TextSize::Note : TextSize::Tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const int count = static_cast<int>(m_spec.categories.size());
  const double pitch = (isDots() ? m_plot.height() : m_plot.width()) / (m_high - m_low);
  double widest = 0;
  for (const QString& category : m_spec.categories)
    widest = std::max(widest, metrics.horizontalAdvance(category));
  int step = 1;
  const double needed = isDots() ? metrics.height() : std::min<double>(widest, theme.px(80)) + 6;
  while (step * pitch < needed && step < count)
    step *= 2;
  const int first = std::max(0, static_cast<int>(std::ceil(m_low)));
  for (int i = (first + step - 1) / step * step; i < count && i <= m_high; i += step) {
    const QPointF place = at(i, m_value.low);
    const bool weak =
        i < static_cast<int>(m_spec.muted.size()) && m_spec.muted[static_cast<std::size_t>(i)];
    painter.setPen(theme.color(isDots() && !weak ? Ink::Text : Ink::TextMuted));
    if (isDots()) {
      const double width = m_plot.left() - theme.px(16);
      painter.drawText(
          QRectF(theme.px(6), place.y() - metrics.height(), width, 2 * metrics.height()),
          Qt::AlignRight | Qt::AlignVCenter,
          metrics.elidedText(m_spec.categories.at(i), Qt::ElideRight, width));
    } else {
      const double width = pitch * step - 2;
      painter.drawText(QRectF(place.x() - width / 2, m_plot.bottom() + 5, width, metrics.height()),
                       Qt::AlignCenter,
                       metrics.elidedText(m_spec.categories.at(i), Qt::ElideRight, width));
    }
  }
}

void ChartScene::paintReference(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(QPen(theme.color(Ink::TextMuted), 1, Qt::DashLine));
  if (m_spec.reference && *m_spec.reference >= m_value.low && *m_spec.reference <= m_value.high) {
    const double pixel = std::round(m_value(*m_spec.reference)) + 0.5;
    const QString text = m_spec.referenceLabel + " " + valueText(*m_spec.reference, m_spec.yFormat);
    if (isDots()) {
      painter.drawLine(QPointF(pixel, m_plot.top()), QPointF(pixel, m_plot.bottom()));
      painter.drawText(
          QPointF(std::min(pixel + 4, m_plot.right() - metrics.horizontalAdvance(text)),
                  m_plot.top() - 2),
          text);
    } else {
      painter.drawLine(QPointF(m_plot.left(), pixel), QPointF(m_plot.right(), pixel));
      painter.drawText(QPointF(m_plot.left() + 4, pixel - 3), text);
    }
  }
  for (const ChartMark& mark : m_spec.marks) {
    if (mark.x < m_low || mark.x > m_high || isDots())
      continue;
    const double x = std::round(at(mark.x, m_value.low).x()) + 0.5;
    painter.drawLine(QPointF(x, m_plot.top()), QPointF(x, m_plot.bottom()));
    const double width = metrics.horizontalAdvance(mark.label);
    painter.drawText(
        QPointF(x + 4 + width > m_plot.right() ? x - 4 - width : x + 4, m_plot.bottom() - 6),
        mark.label);
  }
}

} // namespace switchyard::studio
