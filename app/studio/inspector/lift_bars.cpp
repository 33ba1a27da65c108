#include "app/studio/inspector/lift_bars.h"

#include <algorithm>

#include <QPainter>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

QString timesText(double value) {
  const int digits = value >= 100 ? 0 : value >= 1 ? 1 : 2;
  return QString("%1×").arg(value, 0, 'f', digits);
}

void LiftBars::setLifts(std::vector<LabelLift> lifts, std::vector<LabelLift> pinned) {
  m_lifts = std::move(lifts);
  m_pinned = std::move(pinned);
  setAccessibleName(text());
  setVisible(!m_lifts.empty());
  updateGeometry();
  update();
}

QSize LiftBars::sizeHint() const {
  const int rows = static_cast<int>(std::min(kShown, m_lifts.size()));
  return {Theme::instance().px(200), rows * Theme::instance().px(17)};
}

QString LiftBars::text() const {
  QStringList lines;
  for (std::size_t i = 0; i < std::min(kShown, m_lifts.size()); ++i) {
    QString line = QString::fromStdString(m_lifts[i].label) + " " + timesText(m_lifts[i].lift);
    if (m_lifts[i].interval)
      line +=
          QString(" [%1, %2]")
              .arg(timesText(m_lifts[i].interval->first), timesText(m_lifts[i].interval->second));
    lines << line;
  }
  return lines.join('\n');
}

void LiftBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Note));
  const QFontMetricsF metrics(painter.font());
  double most = 1.2;
  for (std::size_t i = 0; i < std::min(kShown, m_lifts.size()); ++i)
    most = std::max({most, m_lifts[i].lift, m_lifts[i].interval ? m_lifts[i].interval->second : 0});
  const double left = theme.px(74), right = width() - theme.px(44), row = theme.px(17);
  const auto x = [&](double lift) { return left + (right - left) * lift / most; };
  for (std::size_t i = 0; i < std::min(kShown, m_lifts.size()); ++i) {
    const LabelLift& lift = m_lifts[i];
    const double top = static_cast<double>(i) * row, middle = top + row / 2;
    painter.setPen(theme.color(Ink::Text));
    painter.drawText(
        QRectF(0, top, left - 6, row), Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(QString::fromStdString(lift.label), Qt::ElideRight, left - 8));
    painter.drawText(QRectF(right, top, width() - right, row), Qt::AlignRight | Qt::AlignVCenter,
                     timesText(lift.lift));
    painter.fillRect(QRectF(left, middle - 4, right - left, 8), theme.color(Ink::Raised));
    painter.fillRect(QRectF(left, middle - 4, x(lift.lift) - left, 8), theme.color(Ink::TextMuted));
    painter.setPen(QPen(theme.color(Ink::TextStrong), 1));
    if (lift.interval) {
      const double low = x(std::max(0.0, lift.interval->first)), high = x(lift.interval->second);
      painter.drawLine(QPointF(low, middle), QPointF(high, middle));
      painter.drawLine(QPointF(low, middle - 3), QPointF(low, middle + 3));
      painter.drawLine(QPointF(high, middle - 3), QPointF(high, middle + 3));
    }
    for (const LabelLift& other : m_pinned)
      if (other.label == lift.label) {
        painter.setPen(QPen(theme.color(Ink::Pin), 2));
        const double at = x(std::min(most, other.lift));
        painter.drawLine(QPointF(at, middle - 6), QPointF(at, middle + 6));
      }
  }
  painter.setPen(QPen(theme.color(Ink::TextMuted), 1, Qt::DotLine));
  painter.drawLine(QPointF(x(1), 0), QPointF(x(1), height()));
}

} // namespace switchyard::studio
