#include "app/studio/figures/heatmap_spec.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::studio {

namespace {

QStringList toList(const std::vector<std::string>& labels) {
  QStringList list;
  list.reserve(static_cast<qsizetype>(labels.size()));
  for (const std::string& label : labels)
    list << QString::fromStdString(label);
  return list;
}

/// Whether every row of `order` names each column once.
bool isOrder(const std::vector<int>& order, int rows, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  if (order.size() != width && order.size() != width * static_cast<std::size_t>(rows))
    return false;
  std::vector<std::size_t> seen(width, 0);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const int column = order[at];
    if (column < 0 || column >= columns || seen[static_cast<std::size_t>(column)] == at / width + 1)
      return false;
    seen[static_cast<std::size_t>(column)] = at / width + 1;
  }
  return true;
}

template <typename T> void dropUnlessSize(std::vector<T>& values, std::size_t size) {
  if (values.size() != size)
    values.clear();
}

} // namespace

int HeatmapData::itemAtPlace(int row, int place) const {
  if (row < 0 || row >= rows || place < 0 || place >= columns)
    return -1;
  const std::vector<int>& order = spec.order;
  if (order.empty())
    return row * columns + place;
  const int base = order.size() > static_cast<std::size_t>(columns) ? row * columns : 0;
  return row * columns + order[static_cast<std::size_t>(base + place)];
}

int HeatmapData::place(int item) const {
  return placeOf.empty() ? item % columns : placeOf[static_cast<std::size_t>(item)];
}

QString HeatmapData::name(int item) const {
  if (spec.name)
    return spec.name(item);
  const QString row = spec.rowLabels.value(item / columns),
                column = spec.columnLabels.value(item % columns);
  const QString rowName = spec.rowTitle.isEmpty() ? row : spec.rowTitle + " " + row;
  return rowName + ", " + (spec.columnTitle.isEmpty() ? column : spec.columnTitle + " " + column);
}

int HeatmapData::rankInRow(int item) const {
  const double value = spec.values[static_cast<std::size_t>(item)];
  if (std::isnan(value))
    return 0;
  const int first = item / columns * columns;
  int rank = 1;
  for (int c = 0; c < columns; ++c)
    rank += spec.values[static_cast<std::size_t>(first + c)] > value ? 1 : 0;
  return rank;
}

std::shared_ptr<const HeatmapData> prepareHeatmap(HeatmapSpec spec) {
  auto data = std::make_shared<HeatmapData>();
  data->rows = static_cast<int>(spec.rowLabels.size());
  data->columns = static_cast<int>(spec.columnLabels.size());
  const auto cells = static_cast<std::size_t>(data->rows) * static_cast<std::size_t>(data->columns);
  spec.values.resize(cells, std::numeric_limits<double>::quiet_NaN());
  if (!isOrder(spec.order, data->rows, data->columns))
    spec.order.clear();
  dropUnlessSize(spec.intervals, cells);
  dropUnlessSize(spec.dots, cells);
  dropUnlessSize(spec.filtered, cells);
  dropUnlessSize(spec.counts, cells);
  dropUnlessSize(spec.strip, cells);
  dropUnlessSize(spec.rowGroups, static_cast<std::size_t>(data->rows));
  if (spec.trees.size() != 1 && spec.trees.size() != static_cast<std::size_t>(data->rows))
    spec.trees.clear();
  for (HeatmapGutter& gutter : spec.gutters)
    gutter.values.resize(static_cast<std::size_t>(data->rows),
                         std::numeric_limits<double>::quiet_NaN());
  if (spec.columnTicks.size() != spec.columnLabels.size())
    spec.columnTicks = spec.columnLabels;
  data->hasNoData = std::ranges::any_of(spec.values, [](double v) { return !std::isfinite(v); });
  data->spec = std::move(spec);
  if (data->spec.order.empty()) {
    data->pyramid = GridPyramid(data->spec.values, data->rows, data->columns);
    return data;
  }
  std::vector<double> shown(cells);
  data->placeOf.resize(cells);
  for (int row = 0; row < data->rows; ++row)
    for (int place = 0; place < data->columns; ++place) {
      const int item = data->itemAtPlace(row, place);
      shown[static_cast<std::size_t>(row * data->columns + place)] =
          data->spec.values[static_cast<std::size_t>(item)];
      data->placeOf[static_cast<std::size_t>(item)] = place;
    }
  data->pyramid = GridPyramid(shown, data->rows, data->columns);
  return data;
}

HeatmapSpec heatmapSpec(const trace::Figure& figure, const trace::Heatmap& map) {
  HeatmapSpec spec;
  spec.title = QString::fromStdString(figure.title);
  spec.measure = QString::fromStdString(map.unit);
  spec.rowTitle = QString::fromStdString(map.y.title);
  spec.columnTitle = QString::fromStdString(map.x.title);
  spec.rowLabels = toList(map.y.labels);
  spec.columnLabels = toList(map.x.labels);
  spec.values = map.values;
  spec.unit = QString::fromStdString(map.unit);
  spec.format = formatFor(map.unit);
  spec.chance = map.neutral;
  const DomainRule rule = ruleFor(map);
  spec.domain = domainFor(map.values, rule, map.neutral);
  if (rule == DomainRule::Difference && map.neutral.value_or(0) == 0)
    spec.format = ValueFormat::Signed;
  spec.origin = QString::fromStdString(figure.note);
  if (!map.merges.empty() && map.x.labels.size() == map.y.labels.size()) {
    spec.matrix = true;
    spec.trees = {map.merges};
  }
  return spec;
}

} // namespace switchyard::studio
