#include "app/studio/views/expert_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include <QCoreApplication>

#include "app/studio/document/label_groups.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString tr(const char* text) {
  return QCoreApplication::translate("ExpertMap", text);
}

/// Lift of every label for every expert.
std::vector<const ExpertMetric*> labelLifts(std::span<const ExpertMetric> metrics) {
  std::vector<const ExpertMetric*> lifts;
  for (const ExpertMetric& metric : metrics)
    if (metric.id.startsWith("specialization/specialization_labels/lift/"))
      lifts.push_back(&metric);
  return lifts;
}

} // namespace

HeatmapSpec expertMap(const ExpertMetric& metric, const ExpertGrid& grid) {
  HeatmapSpec spec;
  QString heading = metric.title;
  if (!heading.isEmpty())
    heading[0] = heading.at(0).toUpper();
  spec.title = tr("%1 by expert").arg(heading);
  spec.measure = metric.title;
  spec.columnTitle = tr("expert");
  for (const int layer : grid.layers)
    spec.rowLabels << QString("L%1").arg(layer);
  for (int expert = 0; expert < grid.experts; ++expert)
    spec.columnLabels << QString::number(expert);
  spec.values = metric.values;
  spec.unit = metric.unit;
  if (metric.id == "load/load_experts/lift") {
    spec.unit = tr("share of fair share");
    spec.domain = domainFor(metric.values, DomainRule::Load);
  } else {
    spec.domain = domainFor(metric.values, metric.rule, metric.neutral);
  }
  spec.chance = metric.neutral;
  spec.format = metric.format;
  spec.name = [layers = grid.layers, columns = grid.experts](int item) {
    return QString("L%1 E%2")
        .arg(layers[static_cast<std::size_t>(item / columns)])
        .arg(item % columns);
  };
  return spec;
}

ExpertMetric withCounts(ExpertMetric load, const jobs::LoadPyramid::Counts& counts,
                        const ExpertGrid& grid) {
  const auto width = static_cast<std::size_t>(grid.experts);
  for (std::size_t row = 0; row < grid.layers.size(); ++row) {
    const auto uses = std::span(counts.uses).subspan(row * width, width);
    const auto all =
        static_cast<double>(std::accumulate(uses.begin(), uses.end(), std::int64_t{0}));
    for (std::size_t e = 0; e < width; ++e)
      if (double& value = load.values[row * width + e]; !std::isnan(value))
        value = all > 0 ? static_cast<double>(uses[e]) * static_cast<double>(width) / all : kNone;
  }
  load.intervals.clear();
  return load;
}

void addCounts(HeatmapSpec& spec, std::span<const ExpertMetric> metrics) {
  const auto count =
      std::ranges::find(metrics, QString("load/load_experts/count"), &ExpertMetric::id);
  if (count == metrics.end())
    return;
  for (const double value : count->values)
    spec.counts.push_back(std::isnan(value) ? 0 : static_cast<std::int64_t>(value));
}

void addBalance(HeatmapSpec& spec, const trace::AnalysisResult& load, const ExpertGrid& grid) {
  const trace::Table* layers = tableOf(load, "load_layers");
  if (!layers)
    return;
  const int layerColumn = columnOf(*layers, "layer");
  for (const auto& [name, title] : {std::pair("cv", "CV"), std::pair("max_vio_global", "MaxVio")}) {
    const int column = columnOf(*layers, name);
    if (column < 0 || layerColumn < 0)
      continue;
    HeatmapGutter gutter{QString(title), std::vector<double>(grid.layers.size(), kNone)};
    for (const auto& row : layers->rows)
      if (const int at =
              grid.row(static_cast<int>(numberOf(row[static_cast<std::size_t>(layerColumn)])));
          at >= 0)
        gutter.values[static_cast<std::size_t>(at)] =
            numberOf(row[static_cast<std::size_t>(column)]);
    spec.gutters.push_back(std::move(gutter));
  }
}

void addLabels(HeatmapSpec& spec, std::span<const ExpertMetric> metrics) {
  const std::vector<const ExpertMetric*> lifts = labelLifts(metrics);
  if (lifts.empty())
    return;
  QStringList names;
  for (const ExpertMetric* lift : lifts)
    names << lift->id.section('=', 1);
  const LabelGroups groups = groupLabels(names);
  spec.stripNames = groups.names;
  spec.strip.assign(spec.values.size(), -1);
  for (std::size_t item = 0; item < spec.values.size(); ++item) {
    double most = 0;
    for (std::size_t l = 0; l < lifts.size(); ++l)
      if (lifts[l]->values[item] > most) {
        most = lifts[l]->values[item];
        spec.strip[item] = groups.group[l];
      }
  }
}

std::vector<std::vector<double>> labelProfiles(std::span<const ExpertMetric> metrics,
                                               const ExpertGrid& grid) {
  const std::vector<const ExpertMetric*> lifts = labelLifts(metrics);
  if (lifts.empty())
    return {};
  const auto width = static_cast<std::size_t>(grid.experts);
  std::vector<std::vector<double>> profiles(grid.layers.size());
  for (std::size_t row = 0; row < profiles.size(); ++row)
    for (std::size_t expert = 0; expert < width; ++expert)
      for (const ExpertMetric* lift : lifts)
        // Below 1/16 of chance differences are noise of small counts.
        profiles[row].push_back(std::log2(std::max(lift->values[row * width + expert], 1.0 / 16)));
  return profiles;
}

FigureLink expertLink(const ExpertGrid& grid) {
  FigureLink link;
  link.expertsOf = [grid](int item) -> std::vector<ExpertKey> {
    return {{grid.layers[static_cast<std::size_t>(item / grid.experts)], item % grid.experts}};
  };
  link.itemsOf = [grid](const ExpertKey& expert) -> std::vector<int> {
    const int row = grid.row(expert.layer);
    return row < 0 || expert.expert >= grid.experts
               ? std::vector<int>()
               : std::vector<int>{row * grid.experts + expert.expert};
  };
  return link;
}

} // namespace switchyard::studio
