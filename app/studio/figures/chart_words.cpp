// A chart in words: for hover, inspector, screen readers and tables.

#include <cmath>

#include <QCoreApplication>

#include "app/studio/figures/chart_scene.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ChartScene", text);
}

} // namespace

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
  const QString shape =
      tr("%1, %2 series, %3 points").arg(title()).arg(m_spec.series.size()).arg(m_items);
  return largest < 0
             ? shape + tr(", no data")
             : shape + tr(", largest %1: %2").arg(pointName(placeOf(largest)), valueOf(largest));
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

} // namespace switchyard::studio
