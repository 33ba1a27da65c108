#include "app/studio/report/figure_data.h"

#include <algorithm>
#include <limits>

#include "app/studio/document/numbers.h"
#include "app/studio/figures/chart_scene.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_scene.h"

namespace switchyard::studio {

namespace {

std::vector<std::string> textsOf(const QStringList& list) {
  std::vector<std::string> texts;
  for (const QString& text : list)
    texts.push_back(text.toStdString());
  return texts;
}

/// The column at each place, if all rows have the same order.
std::vector<int> sharedOrder(const HeatmapData& data) {
  std::vector<int> order = data.spec.order;
  if (static_cast<int>(order.size()) == data.columns)
    return order;
  order.resize(static_cast<std::size_t>(data.columns));
  for (int column = 0; column < data.columns; ++column)
    order[static_cast<std::size_t>(column)] = column;
  return order;
}

/// The unit by which others write the values as the window does (formatFor()).
std::string unitOf(const HeatmapSpec& spec) {
  QString unit = spec.unit.isEmpty() ? spec.measure : spec.unit;
  if (formatFor(unit.toStdString()) == spec.format)
    return unit.toStdString();
  if (spec.format == ValueFormat::Times)
    unit = "times " + (unit.startsWith("share of ") ? unit.mid(9) : unit);
  else if (spec.format == ValueFormat::Percent)
    unit = "share, " + unit;
  return unit.toStdString();
}

void fill(trace::Figure& figure, const HeatmapData& data) {
  const HeatmapSpec& spec = data.spec;
  const std::vector<int> order = sharedOrder(data);
  trace::Heatmap map;
  map.x.title = spec.columnTitle.toStdString();
  map.y.title = spec.rowTitle.toStdString();
  map.y.labels = textsOf(spec.rowLabels);
  for (const int column : order)
    map.x.labels.push_back(spec.columnLabels[column].toStdString());
  map.unit = unitOf(spec);
  map.neutral = spec.chance ? spec.chance : spec.domain.centre;
  bool leftOut = false;
  for (int row = 0; row < data.rows; ++row)
    for (const int column : order) {
      const auto item = static_cast<std::size_t>(row * data.columns + column);
      const bool filtered = !spec.filtered.empty() && spec.filtered[item] != 0;
      leftOut = leftOut || filtered;
      map.values.push_back(filtered ? std::numeric_limits<double>::quiet_NaN() : spec.values[item]);
    }
  if (spec.matrix && spec.order.empty() && data.rows == data.columns && spec.trees.size() == 1)
    map.merges = spec.trees.front(); // trees of single rows have no place in a figure
  if (leftOut)
    figure.note = "Cells that the view's filter left out are shown as no data.";
  figure.content = std::move(map);
}

void fill(trace::Figure& figure, const ChartSpec& spec) {
  trace::Chart chart;
  const bool dots = spec.look == ChartLook::Dots;
  chart.kind = spec.look == ChartLook::Line      ? trace::ChartKind::Line
               : spec.look == ChartLook::Scatter ? trace::ChartKind::Scatter
                                                 : trace::ChartKind::Bar;
  chart.xTitle = spec.xTitle.toStdString();
  chart.yTitle = spec.yTitle.toStdString();
  chart.categories = textsOf(spec.categories);
  for (const ChartSeries& from : spec.series) {
    trace::Series series;
    series.name = from.name.toStdString();
    if (chart.kind != trace::ChartKind::Bar)
      series.x = from.x;
    series.y = from.y;
    series.intervals = from.intervals;
    if (!dots)
      series.labels = textsOf(from.labels);
    chart.series.push_back(std::move(series));
  }
  chart.reference = spec.reference;
  chart.referenceLabel = spec.referenceLabel.toStdString();
  for (const ChartMark& mark : spec.marks)
    figure.note += (figure.note.empty() ? "" : "; ") + mark.label.toStdString() + " at " +
                   valueText(mark.x, spec.xFormat).toStdString();
  figure.content = std::move(chart);
}

void fill(trace::Figure& figure, const FlowSpec& spec) {
  figure.content = spec.flow;
}

QString headTitle(const QString& title, std::int64_t rows) {
  return rows <= kReportRows ? title
                             : QObject::tr("%1 (the first %2 of %3 rows)")
                                   .arg(title, grouped(kReportRows), grouped(rows));
}

} // namespace

std::optional<trace::Figure> figureOf(const FigureScene& scene, const std::string& name) {
  trace::Figure figure;
  figure.name = name;
  figure.title = scene.title().toStdString();
  if (const auto* map = dynamic_cast<const HeatmapScene*>(&scene))
    fill(figure, map->data());
  else if (const auto* chart = dynamic_cast<const ChartScene*>(&scene))
    fill(figure, chart->spec());
  else if (const auto* flow = dynamic_cast<const FlowScene*>(&scene))
    fill(figure, flow->spec());
  else
    return std::nullopt;
  return figure;
}

trace::Table tableOf(const TableSource& source, const QString& title,
                     const std::vector<std::uint32_t>& order) {
  trace::Table table;
  table.name = "table";
  table.columns = source.columns();
  const std::int64_t all = order.empty() ? source.rows() : static_cast<std::int64_t>(order.size());
  table.title = headTitle(title, all).toStdString();
  for (std::int64_t row = 0; row < std::min(all, kReportRows); ++row) {
    std::vector<trace::Cell> cells;
    for (std::size_t column = 0; column < table.columns.size(); ++column)
      cells.push_back(source.cell(order.empty() ? row : order[static_cast<std::size_t>(row)],
                                  static_cast<int>(column)));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

trace::Table tableOf(const QAbstractItemModel& model, const QString& title) {
  trace::Table table;
  table.name = "table";
  const std::int64_t all = model.rowCount();
  table.title = headTitle(title, all).toStdString();
  for (int column = 0; column < model.columnCount(); ++column)
    table.columns.push_back(
        {model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().toStdString(),
         {},
         {}});
  for (int row = 0; row < static_cast<int>(std::min(all, kReportRows)); ++row) {
    std::vector<trace::Cell> cells;
    for (int column = 0; column < model.columnCount(); ++column)
      cells.emplace_back(model.index(row, column).data().toString().toStdString());
    table.rows.push_back(std::move(cells));
  }
  return table;
}

} // namespace switchyard::studio
