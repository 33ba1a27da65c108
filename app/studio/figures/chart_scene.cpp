#include "app/studio/figures/chart_scene.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kReach = 12; ///< px from a point at which it is hit
constexpr std::size_t kDirectLabels = 12;

QString tr(const char* text) {
  return QCoreApplication::translate("ChartScene", text);
}

} // namespace

ChartScene::ChartScene(ChartSpec spec) : m_spec(std::move(spec)) {
  for (const ChartSeries& series : m_spec.series) {
    m_first.push_back(m_items);
    m_items += static_cast<int>(series.y.size());
  }
  measure();
}

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
    right = text + theme.px(20);
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
    m_plot.setHeight(std::min(m_plot.height(), theme.px(36) * static_cast<double>(std::max<qsizetype>(1, m_spec.categories.size()))));
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
                QPointF(left + std::max(1.0, width - 1), std::max({place.y(), zero, std::min(place.y(), zero) + 1})));
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

QString ChartScene::pointName(const Place& place) const {
  const ChartSeries& series = m_spec.series[static_cast<std::size_t>(place.series)];
  QString name;
  if (place.point < series.labels.size())
    name = series.labels.at(place.point);
  else if (isBar() || isDots())
    name = m_spec.categories.value(place.point);
  else
    name = (m_spec.xTitle.isEmpty() ? QString() : m_spec.xTitle + " ") +
           valueText(series.x[static_cast<std::size_t>(place.point)], m_spec.xFormat);
  return m_spec.series.size() > 1 ? series.name + ", " + name : name;
}

QString ChartScene::valueOf(int item) const {
  if (item < 0 || item >= m_items)
    return {};
  const auto [s, p] = placeOf(item);
  const ChartSeries& series = m_spec.series[static_cast<std::size_t>(s)];
  const auto at = static_cast<std::size_t>(p);
  return series.intervals.empty() ? valueText(series.y[at], m_spec.yFormat)
                                  : valueText(series.y[at], series.intervals[at], m_spec.yFormat);
}

QStringList ChartScene::describe(int item) const {
  if (item < 0 || item >= m_items)
    return {};
  QStringList lines = {pointName(placeOf(item)) + " · " + valueOf(item)};
  if (!m_spec.yTitle.isEmpty())
    lines << m_spec.yTitle;
  if (m_spec.reference)
    lines << (m_spec.referenceLabel.isEmpty() ? tr("reference") : m_spec.referenceLabel) + " " +
                 valueText(*m_spec.reference, m_spec.yFormat);
  if (!m_spec.origin.isEmpty())
    lines << m_spec.origin;
  return lines;
}

std::vector<std::pair<QString, QString>> ChartScene::facts(int item) const {
  std::vector<std::pair<QString, QString>> rows;
  if (item < 0 || item >= m_items)
    return rows;
  rows.emplace_back(m_spec.yTitle.isEmpty() ? tr("Value") : m_spec.yTitle, valueOf(item));
  if (m_spec.reference)
    rows.emplace_back(m_spec.referenceLabel.isEmpty() ? tr("Reference") : m_spec.referenceLabel,
                      valueText(*m_spec.reference, m_spec.yFormat));
  if (!m_spec.origin.isEmpty())
    rows.emplace_back(m_spec.origin, QString());
  return rows;
}

QString ChartScene::spoken(int item) const {
  if (item < 0 || item >= m_items)
    return {};
  return pointName(placeOf(item)) + ", " + valueOf(item);
}

QString ChartScene::headline() const {
  int largest = -1;
  double most = 0;
  for (int item = 0; item < m_items; ++item) {
    const auto [s, p] = placeOf(item);
    const double y = m_spec.series[static_cast<std::size_t>(s)].y[static_cast<std::size_t>(p)];
    if (std::isfinite(y) && (largest < 0 || y > most)) {
      most = y;
      largest = item;
    }
  }
  const QString shape = tr("%1, %2 series, %3 points").arg(title()).arg(m_spec.series.size()).arg(m_items);
  return largest < 0 ? shape + tr(", no data")
                     : shape + tr(", largest %1: %2").arg(pointName(placeOf(largest)), valueOf(largest));
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

QString ChartScene::tableRowName(int row) const {
  if (isBar() || isDots())
    return m_spec.categories.value(row);
  for (const ChartSeries& series : m_spec.series)
    if (row < static_cast<int>(series.x.size()))
      return valueText(series.x[static_cast<std::size_t>(row)], m_spec.xFormat);
  return {};
}

QString ChartScene::tableColumnName(int column) const {
  return m_spec.series[static_cast<std::size_t>(column)].name;
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
  const double low = std::clamp(m_low + pixels.x() / m_plot.width() * span, m_fullLow, m_fullHigh - span);
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
