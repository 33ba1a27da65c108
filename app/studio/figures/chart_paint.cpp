// How charts look: bars, lines, points and their labels.

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kMostMarkers = 400; ///< points of a line that are drawn as points, too

} // namespace

void ChartScene::paint(QPainter& painter, PaintTarget) const {
  if (m_plot.isEmpty())
    return;
  painter.save();
  paintAxes(painter);
  paintReference(painter);
  painter.save();
  painter.setClipRect(m_plot.adjusted(-6, -6, 6, 6));
  if (isBar())
    paintBars(painter);
  else
    for (int series = 0; series < tableColumns(); ++series) {
      if (m_spec.look == ChartLook::Line)
        paintLine(painter, series);
      paintPoints(painter, series);
    }
  painter.restore();
  paintLabels(painter);
  painter.restore();
}

void ChartScene::paintBars(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  for (int item = 0; item < m_items; ++item) {
    const QRectF rect = itemRect(item);
    if (rect.isEmpty())
      continue;
    const auto [s, p] = placeOf(item);
    painter.fillRect(rect, seriesColor(s));
    const ChartSeries& series = m_spec.series[static_cast<std::size_t>(s)];
    if (series.intervals.empty() || rect.width() < 3)
      continue;
    const auto& [low, high] = series.intervals[static_cast<std::size_t>(p)];
    painter.setPen(QPen(theme.color(Ink::TextStrong), 1));
    painter.drawLine(QPointF(rect.center().x(), m_value(low)),
                     QPointF(rect.center().x(), m_value(high)));
  }
}

void ChartScene::paintLine(QPainter& painter, int index) const {
  const ChartSeries& series = m_spec.series[static_cast<std::size_t>(index)];
  painter.setRenderHint(QPainter::Antialiasing);
  QPen pen(seriesColor(index), 2);
  if (series.dashed)
    pen.setStyle(Qt::DashLine);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  // Points of one pixel column are drawn as its lowest and highest value.
  QPolygonF run;
  const auto flush = [&] {
    if (run.size() > 1)
      painter.drawPolyline(run);
    run.clear();
  };
  const bool dense = static_cast<double>(series.x.size()) > 3 * m_plot.width();
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) {
      flush();
      continue;
    }
    QPointF place = at(series.x[i], series.y[i]);
    if (dense && run.size() >= 2 && std::floor(run.last().x()) == std::floor(place.x())) {
      const double low = std::min(run.last().y(), place.y()),
                   high = std::max(run.last().y(), place.y());
      if (std::floor(run.at(run.size() - 2).x()) == std::floor(place.x())) {
        run[run.size() - 2].setY(std::min(run.at(run.size() - 2).y(), low));
        run.last().setY(std::max(run.last().y(), high));
        continue;
      }
    }
    run << place;
  }
  flush();
}

void ChartScene::paintPoints(QPainter& painter, int index) const {
  const ChartSeries& series = m_spec.series[static_cast<std::size_t>(index)];
  const Theme& theme = Theme::instance();
  painter.setRenderHint(QPainter::Antialiasing);
  const bool line = m_spec.look == ChartLook::Line;
  if (line && static_cast<int>(series.x.size()) > kMostMarkers)
    return;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double x = series.x[i], y = series.y[i];
    if (!std::isfinite(x) || !std::isfinite(y) || x < m_low || x > m_high)
      continue;
    const bool weak = isDots() && i < m_spec.muted.size() && m_spec.muted[i];
    const QColor colour = weak                                    ? theme.color(Ink::TextMuted)
                          : isDots() && m_spec.series.size() == 1 ? theme.color(Ink::Accent)
                                                                  : seriesColor(index);
    const QPointF place = at(x, y);
    if (!series.intervals.empty()) {
      const auto& [low, high] = series.intervals[i];
      painter.setPen(QPen(colour, 1.25));
      painter.drawLine(at(x, low), at(x, high));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    const double radius = isDots() ? 4 : line ? 2.5 : 3;
    painter.drawEllipse(place, radius, radius);
    if (isDots() && m_spec.series.size() == 1) {
      painter.save();
      painter.setClipping(false);
      painter.setFont(theme.font(TextSize::Note));
      painter.setPen(theme.color(weak ? Ink::TextMuted : Ink::Text));
      painter.drawText(QRectF(m_plot.right() + theme.px(12), place.y() - theme.px(10),
                              theme.px(400), theme.px(20)),
                       Qt::AlignLeft | Qt::AlignVCenter,
                       valueOf(itemOf(index, static_cast<int>(i))));
      painter.restore();
    }
  }
}

void ChartScene::paintLabels(QPainter& painter) const {
  if (m_spec.series.size() < 2 || isDots())
    return;
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Note);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setRenderHint(QPainter::Antialiasing);
  if (m_legendHeight > 0) {
    double x = m_plot.left();
    for (int s = 0; s < tableColumns() && x < m_plot.right(); ++s) {
      painter.fillRect(QRectF(x, m_plot.top() - m_legendHeight, theme.px(10), theme.px(10)),
                       seriesColor(s));
      painter.setPen(theme.color(Ink::TextMuted));
      painter.drawText(QPointF(x + theme.px(14), m_plot.top() - m_legendHeight + theme.px(9)),
                       tableColumnName(s));
      x += metrics.horizontalAdvance(tableColumnName(s)) + theme.px(30);
    }
    return;
  }
  // Names stand where their lines end, moved apart where lines meet.
  struct Label {
    double y;
    int series;
  };
  std::vector<Label> labels;
  for (int s = 0; s < tableColumns(); ++s) {
    const ChartSeries& series = m_spec.series[static_cast<std::size_t>(s)];
    for (std::size_t i = series.y.size(); i-- > 0;)
      if (std::isfinite(series.y[i]) && series.x[i] <= m_high) {
        labels.push_back({m_value(series.y[i]), s});
        break;
      }
  }
  std::ranges::stable_sort(labels, {}, &Label::y);
  const double height = metrics.height();
  for (std::size_t i = 1; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + height);
  if (!labels.empty() && labels.back().y > m_plot.bottom()) {
    labels.back().y = m_plot.bottom();
    for (std::size_t i = labels.size() - 1; i-- > 0;)
      labels[i].y = std::min(labels[i].y, labels[i + 1].y - height);
  }
  for (const Label& label : labels) {
    painter.setPen(QPen(seriesColor(label.series), 2,
                        m_spec.series[static_cast<std::size_t>(label.series)].dashed
                            ? Qt::DashLine
                            : Qt::SolidLine));
    painter.drawLine(QPointF(m_plot.right() + 5, label.y), QPointF(m_plot.right() + 15, label.y));
    painter.setPen(theme.color(Ink::Text));
    painter.drawText(
        QRectF(m_plot.right() + 19, label.y - height, theme.px(150), 2 * height),
        Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(tableColumnName(label.series), Qt::ElideRight, theme.px(150)));
  }
}

} // namespace switchyard::studio
