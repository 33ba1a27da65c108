// Where a chart's axes and points lie.

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kDirectLabels = 12;

} // namespace

void ChartScene::measure() {
  bool any = false;
  double low = isBar() ? 0 : 1e300, high = isBar() ? 0 : -1e300;
  double xLow = 1e300, xHigh = -1e300;
  const auto widen = [&](double value) {
    if (!std::isfinite(value))
      return;
    low = std::min(low, value);
    high = std::max(high, value);
    any = true;
  };
  for (const ChartSeries& series : m_spec.series) {
    for (const double y : series.y)
      widen(y);
    for (const auto& [from, to] : series.intervals) {
      widen(from);
      widen(to);
    }
    for (const double x : series.x)
      if (std::isfinite(x)) {
        xLow = std::min(xLow, x);
        xHigh = std::max(xHigh, x);
      }
  }
  if (m_spec.reference)
    widen(*m_spec.reference);
  if (!any)
    low = 0, high = 1;
  // Shares start at zero, so that heights can be compared.
  if (m_spec.yFormat == ValueFormat::Percent || (low > 0 && low < 0.4 * high))
    low = std::min(low, 0.0);
  m_value = analyzers::report::niceScale(low, high, 0, 1);
  if (m_spec.yFormat == ValueFormat::Percent && high <= 1)
    m_value.high = std::min(m_value.high, 1.0);
  if (isBar() || isDots()) {
    m_fullLow = -0.5;
    m_fullHigh = std::max(0.5, static_cast<double>(m_spec.categories.size()) - 0.5);
  } else {
    const bool known = xLow <= xHigh;
    m_fullLow = known ? xLow : 0;
    m_fullHigh = known ? xHigh : 1;
    const double room = m_spec.look == ChartLook::Scatter ? 0.04 * (m_fullHigh - m_fullLow) : 0;
    m_fullLow -= room;
    m_fullHigh += room;
    if (m_fullHigh <= m_fullLow)
      m_fullHigh = m_fullLow + 1;
  }
  m_low = m_fullLow;
  m_high = m_fullHigh;
}

double ChartScene::wantedHeight() const {
  const Theme& theme = Theme::instance();
  return isDots() ? theme.px(20) * static_cast<double>(m_spec.categories.size()) + theme.px(48) : 0;
}

void ChartScene::layout(const QSizeF& size, double) {
  const Theme& theme = Theme::instance();
  const QFontMetricsF tick(theme.font(TextSize::Tick)), note(theme.font(TextSize::Note));
  double left = 0, right = theme.px(16), top = theme.px(12), bottom = theme.px(40);
  if (isDots()) {
    for (const QString& category : m_spec.categories)
      left = std::max(left, note.horizontalAdvance(category));
    left = std::min<double>(left, theme.px(160)) + theme.px(18);
    double text = 0;
    for (int item = 0; item < std::min(m_items, 256); ++item)
      text = std::max(text, note.horizontalAdvance(valueOf(item)));
    right = text + theme.px(26);
    top = theme.px(16); // the reference line's label
  } else {
    for (const double value : analyzers::report::ticks(m_value.low, m_value.high, 5))
      left = std::max(left, tick.horizontalAdvance(valueText(value, m_spec.yFormat)));
    left += theme.px(34);
  }
  m_legendHeight = 0;
  const bool named = m_spec.series.size() > 1 && !isDots();
  if (named && m_spec.look == ChartLook::Line && m_spec.series.size() <= kDirectLabels) {
    double width = 0;
    for (const ChartSeries& series : m_spec.series)
      width = std::max(width, note.horizontalAdvance(series.name));
    right = std::min<double>(width, theme.px(150)) + theme.px(28);
  } else if (named) {
    m_legendHeight = theme.px(22);
    top += m_legendHeight;
  }
  m_plot = QRectF(left, top, std::max(0.0, size.width() - left - right),
                  std::max(0.0, size.height() - top - bottom));
  if (isDots()) {
    m_plot.setHeight(std::min(
        m_plot.height(),
        theme.px(36) * static_cast<double>(std::max<qsizetype>(1, m_spec.categories.size()))));
    m_value.pixelLow = m_plot.left();
    m_value.pixelHigh = m_plot.right();
  } else {
    m_value.pixelLow = m_plot.bottom();
    m_value.pixelHigh = m_plot.top();
  }
}

QPointF ChartScene::at(double x, double y) const {
  const double along = (x - m_low) / (m_high - m_low);
  if (isDots())
    return {m_value(y), m_plot.top() + along * m_plot.height()};
  return {m_plot.left() + along * m_plot.width(), m_value(y)};
}

} // namespace switchyard::studio
