// A heatmap in words: for hover, inspector, screen readers and tables.

#include <cmath>

#include <QCoreApplication>

#include "app/studio/figures/heatmap_scene.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("HeatmapScene", text);
}

} // namespace

QString HeatmapScene::headline() const {
  int largest = -1;
  const std::vector<double>& values = m_data->spec.values;
  for (int item = 0; item < items(); ++item) {
    const double value = values[static_cast<std::size_t>(item)];
    if (std::isfinite(value) && (largest < 0 || value > values[static_cast<std::size_t>(largest)]))
      largest = item;
  }
  const QString shape =
      tr("%1, %2 rows by %3 columns").arg(title()).arg(m_data->rows).arg(m_data->columns);
  if (largest < 0)
    return shape + tr(", no data");
  return shape + tr(", largest %1: %2").arg(m_data->name(largest), valueOf(largest));
}

QString HeatmapScene::detailNote() const {
  const QString how = m_binning == Binning::Mean ? tr("mean")
                      : m_domain.centre && m_domain.scale == ScaleKind::Linear
                          ? tr("farthest from %1").arg(valueText(*m_domain.centre))
                          : tr("maximum");
  QStringList parts;
  if (m_columnBin > 1)
    parts << tr("1 column = %1 %2")
                 .arg(m_columnBin)
                 .arg(m_data->spec.columnTitle.isEmpty() ? tr("columns")
                                                         : m_data->spec.columnTitle + "s");
  if (m_rowBin > 1)
    parts << tr("1 row = %1 %2")
                 .arg(m_rowBin)
                 .arg(m_data->spec.rowTitle.isEmpty() ? tr("rows") : m_data->spec.rowTitle + "s");
  QString note = parts.isEmpty() ? QString() : parts.join(", ") + ", " + how;
  if (cutsTree())
    note += (note.isEmpty() ? QString() : "; ") +
            tr("dendrogram cut to %1 clusters").arg(kDendrogramClusters);
  return note;
}

QStringList HeatmapScene::describe(int item) const {
  if (item < 0 || item >= items())
    return {};
  const HeatmapSpec& spec = m_data->spec;
  const auto at = static_cast<std::size_t>(item);
  const double value = spec.values[at];
  QString first = m_data->name(item) + " · ";
  if (!spec.measure.isEmpty())
    first += spec.measure + " ";
  first += spec.intervals.empty() ? valueText(value, spec.format)
                                  : valueText(value, spec.intervals[at], spec.format);
  QStringList lines = {first};
  if (!spec.counts.empty()) {
    const QString count = valueText(static_cast<double>(spec.counts[at]), ValueFormat::Count);
    const QString total = valueText(static_cast<double>(spec.total), ValueFormat::Count);
    lines << (spec.total > 0 ? tr("%1 of %2 tokens").arg(count, total)
                             : tr("%1 tokens").arg(count));
  }
  if (const int rank = m_data->rankInRow(item); rank > 0)
    lines << tr("%1 of %2 in %3")
                 .arg(ordinal(rank))
                 .arg(m_data->columns)
                 .arg(spec.rowLabels.value(item / m_data->columns));
  if (spec.chance)
    lines << tr("chance %1").arg(valueText(*spec.chance, spec.format));
  if (!spec.dots.empty() && spec.dots[at] && !spec.dotMeaning.isEmpty())
    lines << spec.dotMeaning;
  else if (!spec.strip.empty() && spec.strip[at] >= 0)
    lines << tr("highest rate: %1").arg(spec.stripNames.value(spec.strip[at]));
  if (!spec.origin.isEmpty())
    lines << spec.origin;
  return lines.mid(0, 6);
}

std::vector<std::pair<QString, QString>> HeatmapScene::facts(int item) const {
  std::vector<std::pair<QString, QString>> rows;
  if (item < 0 || item >= items())
    return rows;
  const HeatmapSpec& spec = m_data->spec;
  const auto at = static_cast<std::size_t>(item);
  const QString measure = spec.measure.isEmpty() ? tr("Value") : spec.measure;
  const bool interval = !spec.intervals.empty() && std::isfinite(spec.intervals[at].first) &&
                        std::isfinite(spec.intervals[at].second);
  rows.emplace_back(interval ? tr("%1, 95 % interval").arg(measure) : measure, valueOf(item));
  if (!spec.counts.empty()) {
    const QString count = valueText(static_cast<double>(spec.counts[at]), ValueFormat::Count);
    rows.emplace_back(tr("Tokens"), spec.total > 0
                                        ? tr("%1 of %2")
                                              .arg(count, valueText(static_cast<double>(spec.total),
                                                                    ValueFormat::Count))
                                        : count);
  }
  if (const int rank = m_data->rankInRow(item); rank > 0)
    rows.emplace_back(tr("Rank in %1").arg(spec.rowLabels.value(item / m_data->columns)),
                      tr("%1 of %2").arg(ordinal(rank)).arg(m_data->columns));
  if (spec.chance)
    rows.emplace_back(tr("Chance"), valueText(*spec.chance, spec.format));
  if (!spec.strip.empty() && spec.strip[at] >= 0)
    rows.emplace_back(tr("Highest rate"), spec.stripNames.value(spec.strip[at]));
  if (!spec.dots.empty() && spec.dots[at] && !spec.dotMeaning.isEmpty())
    rows.emplace_back(spec.dotMeaning, QString());
  if (!spec.filtered.empty() && spec.filtered[at])
    rows.emplace_back(tr("left out by the filter"), QString());
  return rows;
}

QString HeatmapScene::spoken(int item) const {
  if (item < 0 || item >= items())
    return {};
  const HeatmapSpec& spec = m_data->spec;
  QString text = m_data->name(item) + ", " + (spec.measure.isEmpty() ? tr("value") : spec.measure) +
                 " " + valueText(spec.values[static_cast<std::size_t>(item)], spec.format);
  if (!spec.intervals.empty()) {
    const auto& [low, high] = spec.intervals[static_cast<std::size_t>(item)];
    if (std::isfinite(low) && std::isfinite(high))
      text +=
          tr(", interval %1 to %2").arg(valueText(low, spec.format), valueText(high, spec.format));
  }
  if (!spec.filtered.empty() && spec.filtered[static_cast<std::size_t>(item)])
    text += tr(", filtered out");
  return text;
}

QString HeatmapScene::valueOf(int item) const {
  const auto at = static_cast<std::size_t>(item);
  if (item < 0 || item >= items())
    return {};
  const HeatmapSpec& spec = m_data->spec;
  return spec.intervals.empty() ? valueText(spec.values[at], spec.format)
                                : valueText(spec.values[at], spec.intervals[at], spec.format);
}

QString HeatmapScene::tableRowName(int row) const {
  return m_data->spec.rowLabels.value(row);
}

QString HeatmapScene::tableColumnName(int column) const {
  const std::vector<int>& order = m_data->spec.order;
  if (order.size() == static_cast<std::size_t>(m_data->columns))
    return m_data->spec.columnLabels.value(order[static_cast<std::size_t>(column)]);
  return order.empty() ? m_data->spec.columnLabels.value(column) : tr("place %1").arg(column + 1);
}

} // namespace switchyard::studio
