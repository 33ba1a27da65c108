#include "app/studio/views/expert_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostKeys = 64;

QString plain(const std::string& name) {
  return QString::fromStdString(name).replace('_', ' ');
}

/// What a column of an expert table measures.
void setMeasure(ExpertMetric& metric, const trace::Column& column) {
  metric.unit = QString::fromStdString(column.unit);
  metric.format = formatFor(column.unit.empty() ? column.name : column.unit);
  if (column.name.find("lift") != std::string::npos) {
    metric.rule = DomainRule::Lift;
    metric.neutral = 1;
    metric.format = ValueFormat::Times;
  } else if (column.unit == "share") {
    metric.rule = DomainRule::Probability;
  } else if (column.name.find("score") != std::string::npos ||
             column.name.find("gap") != std::string::npos ||
             column.name.find("npmi") != std::string::npos) {
    metric.rule = DomainRule::Difference;
    metric.neutral = 0;
    metric.format = ValueFormat::Signed;
  }
}

/// From the interval of the share; that of a lift is as many times wider as the lift is larger.
void addIntervals(ExpertMetric& metric, const trace::Table& table,
                  const std::vector<std::size_t>& rows, const std::vector<std::size_t>& places) {
  const int share = columnOf(table, "share"), low = columnOf(table, "share_low"),
            high = columnOf(table, "share_high");
  const int layer = columnOf(table, "layer");
  if (share < 0 || low < 0 || high < 0)
    return;
  const auto number = [&](std::size_t i, int column) {
    return numberOf(table.rows[rows[i]][static_cast<std::size_t>(column)]);
  };
  std::map<double, double> perShare; // 1 or E/k, by layer: the same for all experts of one
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const double of = number(i, share); of > 0)
      perShare[number(i, layer)] = metric.values[places[i]] / of;
  metric.intervals.assign(metric.values.size(), {kNone, kNone});
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto factor = perShare.find(number(i, layer)); factor != perShare.end())
      metric.intervals[places[i]] = {number(i, low) * factor->second,
                                     number(i, high) * factor->second};
}

void addTable(const std::string& plugin, const trace::Table& table, const ExpertGrid& grid,
              std::vector<ExpertMetric>& metrics) {
  const int layerColumn = columnOf(table, "layer"), expertColumn = columnOf(table, "expert");
  if (layerColumn < 0 || expertColumn < 0 || table.rows.empty())
    return;
  int keyColumn = -1;
  for (std::size_t c = 0; c < table.columns.size() && keyColumn < 0; ++c)
    if (std::holds_alternative<std::string>(table.rows.front()[c]) &&
        table.columns[c].name != "role")
      keyColumn = static_cast<int>(c);
  std::map<std::string, std::vector<std::size_t>> rowsByKey;
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    rowsByKey[keyColumn < 0 ? std::string()
                            : textOf(table.rows[r][static_cast<std::size_t>(keyColumn)])]
        .push_back(r);
  if (rowsByKey.size() > kMostKeys)
    return;
  const std::size_t cells = grid.layers.size() * static_cast<std::size_t>(grid.experts);
  for (const auto& [key, rows] : rowsByKey) {
    std::vector<std::size_t> places(rows.size());
    std::vector<bool> seen(cells, false);
    bool once = true;
    for (std::size_t i = 0; i < rows.size() && once; ++i) {
      const auto& row = table.rows[rows[i]];
      const int layer =
          grid.row(static_cast<int>(numberOf(row[static_cast<std::size_t>(layerColumn)])));
      const double expert = numberOf(row[static_cast<std::size_t>(expertColumn)]);
      if (layer < 0 || !(expert >= 0 && expert < grid.experts)) {
        once = false;
        break;
      }
      places[i] = static_cast<std::size_t>(layer) * static_cast<std::size_t>(grid.experts) +
                  static_cast<std::size_t>(expert);
      once = !seen[places[i]];
      seen[places[i]] = true;
    }
    if (!once)
      return;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const trace::Column& column = table.columns[c];
      if (static_cast<int>(c) == layerColumn || static_cast<int>(c) == expertColumn ||
          static_cast<int>(c) == keyColumn || column.name == "rank" || column.name == "tokens" ||
          column.name == "documents" || column.name.ends_with("_low") ||
          column.name.ends_with("_high") || std::isnan(numberOf(table.rows[rows.front()][c])))
        continue;
      ExpertMetric metric;
      metric.id = QString::fromStdString(plugin + "/" + table.name + "/" + column.name);
      metric.title =
          plugin == "load" && column.name == "lift" ? QString("load") : plain(column.name);
      if (keyColumn >= 0) {
        const trace::Column& keyed = table.columns[static_cast<std::size_t>(keyColumn)];
        metric.id += "/" + QString::fromStdString(keyed.name + "=" + key);
        metric.title += ", " + plain(keyed.name) + " " + QString::fromStdString(key);
      }
      setMeasure(metric, column);
      metric.values.assign(cells, kNone);
      for (std::size_t i = 0; i < rows.size(); ++i)
        metric.values[places[i]] = numberOf(table.rows[rows[i]][c]);
      if (column.name == "share" || column.name == "lift")
        addIntervals(metric, table, rows, places);
      metrics.push_back(std::move(metric));
    }
  }
}

void addFigure(const std::string& plugin, const trace::Figure& figure, const ExpertGrid& grid,
               std::vector<ExpertMetric>& metrics) {
  const auto* map = std::get_if<trace::Heatmap>(&figure.content);
  if (!map || map->x.title != "expert" || map->y.title != "layer")
    return;
  const std::size_t width = map->x.labels.size();
  ExpertMetric metric;
  metric.id = QString::fromStdString(plugin + "/" + figure.name);
  metric.title = plain(figure.name);
  metric.unit = QString::fromStdString(map->unit);
  metric.format = formatFor(map->unit);
  metric.rule = ruleFor(*map);
  metric.neutral = map->neutral;
  if (metric.rule == DomainRule::Difference && metric.neutral == 0.0)
    metric.format = ValueFormat::Signed;
  metric.values.assign(grid.layers.size() * static_cast<std::size_t>(grid.experts), kNone);
  for (std::size_t r = 0; r < map->y.labels.size(); ++r) {
    const int row = grid.row(QString::fromStdString(map->y.labels[r]).toInt());
    if (row < 0)
      continue;
    for (std::size_t c = 0; c < std::min(width, static_cast<std::size_t>(grid.experts)); ++c)
      if (r * width + c < map->values.size())
        metric.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.experts) + c] =
            map->values[r * width + c];
  }
  metrics.push_back(std::move(metric));
}

} // namespace

int ExpertGrid::row(int layer) const {
  const auto found = std::ranges::find(layers, layer);
  return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

int columnOf(const trace::Table& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &trace::Column::name);
  return found == table.columns.end() ? -1 : static_cast<int>(found - table.columns.begin());
}

const trace::Table* tableOf(const trace::AnalysisResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.tables, name, &trace::Table::name);
  return found == result.tables.end() ? nullptr : &*found;
}

const trace::Figure* figureOf(const trace::AnalysisResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.figures, name, &trace::Figure::name);
  return found == result.figures.end() ? nullptr : &*found;
}

double numberOf(const trace::Cell& cell) {
  if (const auto* count = std::get_if<std::int64_t>(&cell))
    return static_cast<double>(*count);
  if (const auto* number = std::get_if<double>(&cell))
    return *number;
  return kNone;
}

std::string textOf(const trace::Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text ? *text : std::string();
}

std::vector<ExpertMetric> expertMetrics(const std::string& plugin,
                                        const trace::AnalysisResult& result,
                                        const ExpertGrid& grid) {
  std::vector<ExpertMetric> metrics;
  for (const trace::Table& table : result.tables)
    addTable(plugin, table, grid, metrics);
  for (const trace::Figure& figure : result.figures)
    addFigure(plugin, figure, grid, metrics);
  return metrics;
}

} // namespace switchyard::studio
