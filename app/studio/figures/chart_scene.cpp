#include "app/studio/figures/chart_scene.h"

#include <algorithm>
#include <cmath>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kReach = 12; ///< px from a point at which it is hit

} // namespace

ChartScene::ChartScene(ChartSpec spec) : m_spec(std::move(spec)) {
  for (const ChartSeries& series : m_spec.series) {
    m_first.push_back(m_items);
    m_items += static_cast<int>(series.y.size());
  }
  measure();
}

ChartScene::Place ChartScene::placeOf(int item) const {
  const auto next = std::ranges::upper_bound(m_first, item);
  const int series = static_cast<int>(next - m_first.begin()) - 1;
  return {series, item - m_first[static_cast<std::size_t>(series)]};
}

QRectF ChartScene::itemRect(int item) const {
  if (item < 0 || item >= m_items)
    return {};
  const auto [s, p] = placeOf(item);
  const ChartSeries& series = m_spec.series[static_cast<std::size_t>(s)];
  const double x = series.x[static_cast<std::size_t>(p)], y = series.y[static_cast<std::size_t>(p)];
  if (!std::isfinite(x) || !std::isfinite(y) || x < m_low || x > m_high)
    return {};
  const QPointF place = at(x, y);
  if (!isBar())
    return {place.x() - 4, place.y() - 4, 8, 8};
  const double slot = m_plot.width() / (m_high - m_low);
  const double width = std::max(1.0, 0.8 * slot / static_cast<double>(m_spec.series.size()));
  const double left = place.x() - 0.4 * slot + width * s;
  const double zero = m_value(std::clamp(0.0, m_value.low, m_value.high));
  return QRectF(QPointF(left, std::min(place.y(), zero)),
                QPointF(left + std::max(1.0, width - 1),
                        std::max({place.y(), zero, std::min(place.y(), zero) + 1})));
}

int ChartScene::itemAt(const QPointF& point) const {
  int best = -1;
  double bestDistance = kReach;
  for (int item = 0; item < m_items; ++item) {
    const QRectF rect = itemRect(item);
    if (rect.isEmpty())
      continue;
    if (isBar()) {
      if (point.x() >= rect.left() && point.x() <= rect.right() && m_plot.contains(point))
        return item;
      continue;
    }
    const double dx = rect.center().x() - point.x(), dy = rect.center().y() - point.y();
    const double distance = isDots() ? std::fabs(dy) : std::hypot(dx, dy);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = item;
    }
  }
  return best;
}

int ChartScene::neighbour(int item, int right, int down) const {
  if (m_items == 0)
    return -1;
  if (item < 0 || item >= m_items)
    return 0;
  const auto [s, p] = placeOf(item);
  // In a dot plot points follow each other downwards.
  const int alongSteps = isDots() ? down : right, acrossSteps = isDots() ? right : down;
  const int series = std::clamp(s + acrossSteps, 0, static_cast<int>(m_spec.series.size()) - 1);
  const int points = static_cast<int>(m_spec.series[static_cast<std::size_t>(series)].y.size());
  return points == 0 ? item : itemOf(series, std::clamp(p + alongSteps, 0, points - 1));
}

int ChartScene::tableRows() const {
  std::size_t most = 0;
  for (const ChartSeries& series : m_spec.series)
    most = std::max(most, series.y.size());
  return static_cast<int>(most);
}

int ChartScene::tableItem(int row, int column) const {
  if (column < 0 || column >= tableColumns() || row < 0 ||
      row >= static_cast<int>(m_spec.series[static_cast<std::size_t>(column)].y.size()))
    return -1;
  return itemOf(column, row);
}

void ChartScene::tablePlace(int item, int& row, int& column) const {
  const Place place = placeOf(item);
  row = place.point;
  column = place.series;
}

bool ChartScene::zoom(double factor, const QPointF& point) {
  if (m_plot.isEmpty() || isDots())
    return false;
  const double t = std::clamp((point.x() - m_plot.left()) / m_plot.width(), 0.0, 1.0);
  const double full = m_fullHigh - m_fullLow;
  const double span = std::clamp((m_high - m_low) / factor, full / 1000, full);
  const double anchor = m_low + t * (m_high - m_low);
  const double low = std::clamp(anchor - t * span, m_fullLow, m_fullHigh - span);
  const bool changed = low != m_low || low + span != m_high;
  m_low = low;
  m_high = low + span;
  return changed;
}

bool ChartScene::pan(const QPointF& pixels) {
  if (m_plot.isEmpty() || isDots())
    return false;
  const double span = m_high - m_low;
  const double low =
      std::clamp(m_low + pixels.x() / m_plot.width() * span, m_fullLow, m_fullHigh - span);
  const bool changed = low != m_low;
  m_low = low;
  m_high = low + span;
  return changed;
}

bool ChartScene::fit() {
  const bool changed = isZoomed();
  m_low = m_fullLow;
  m_high = m_fullHigh;
  return changed;
}

QColor ChartScene::seriesColor(int series) const {
  const Theme& theme = Theme::instance();
  const auto count = static_cast<int>(m_spec.series.size());
  if (count <= 8)
    return theme.categorical(series);
  return QColor::fromRgb(theme.sequential().at(0.4 + 0.6 * series / std::max(1, count - 1)));
}

} // namespace switchyard::studio
