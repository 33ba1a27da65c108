#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/plugin/result_builder.h"

namespace switchyard::plugin {

trace::Figure ResultBuilder::figure(const sy_figure& from) {
  countPiece();
  trace::Figure figure{fileName(from.name, "figure"), text(from.title), text(from.note), {}};
  if (!m_figureNames.insert(figure.name).second)
    refuse(fmt::format("figure '{}' is there twice", figure.name));
  return figure;
}

std::vector<std::string> ResultBuilder::labels(const char* const* from, std::uint64_t count,
                                               const std::string& place) {
  requirePointer(from, count, place + ": the labels");
  countCells(count);
  std::vector<std::string> out;
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    out.push_back(text(from[i]));
  return out;
}

trace::Axis ResultBuilder::axis(const sy_axis* from, const std::string& place) {
  if (from == nullptr || from->struct_size < sizeof(sy_axis))
    refuse(place + ": an axis is null or its struct_size too small");
  return {text(from->title), labels(from->labels, from->count, place)};
}

std::vector<trace::DendrogramMerge>
ResultBuilder::merges(const sy_heatmap& heatmap, std::size_t leaves, const std::string& place) {
  std::vector<trace::DendrogramMerge> out;
  if (heatmap.merge_count == 0)
    return out;
  requirePointer(heatmap.merges, heatmap.merge_count, place + ": the merges");
  if (heatmap.x->count != heatmap.y->count || heatmap.merge_count != leaves - 1)
    refuse(place + ": a dendrogram needs a square matrix of n leaves and n - 1 merges");
  std::vector<bool> used(leaves + heatmap.merge_count, false);
  for (std::uint64_t i = 0; i < heatmap.merge_count; ++i) {
    const sy_merge& merge = heatmap.merges[i];
    for (const std::int32_t node : {merge.left, merge.right}) {
      if (node < 0 || static_cast<std::uint64_t>(node) >= leaves + i ||
          used[static_cast<std::size_t>(node)])
        refuse(fmt::format("{}: merge {} joins node {}, which is not free", place, i, node));
      used[static_cast<std::size_t>(node)] = true;
    }
    if (!std::isfinite(merge.height))
      refuse(fmt::format("{}: merge {} has no finite height", place, i));
    out.push_back({merge.left, merge.right, merge.height});
  }
  return out;
}

void ResultBuilder::addHeatmap(const sy_figure& head, const sy_heatmap& from) {
  trace::Figure out = figure(head);
  const std::string place = fmt::format("figure '{}'", out.name);
  trace::Heatmap heatmap;
  heatmap.x = axis(from.x, place);
  heatmap.y = axis(from.y, place);
  heatmap.unit = text(from.unit);
  const std::size_t count = heatmap.x.labels.size() * heatmap.y.labels.size();
  countCells(count);
  requirePointer(from.values, count, place + ": the values");
  heatmap.values.assign(from.values, from.values + count);
  for (double& value : heatmap.values)
    if (std::isinf(value))
      value = finiteOrNan(value, place);
  if (from.has_neutral != 0) {
    if (!std::isfinite(from.neutral))
      refuse(place + ": the neutral value is not finite");
    heatmap.neutral = from.neutral;
  }
  heatmap.merges = merges(from, heatmap.x.labels.size(), place);
  out.content = std::move(heatmap);
  m_result.figures.push_back(std::move(out));
}

trace::Series ResultBuilder::series(const sy_series& from, trace::ChartKind kind,
                                    std::size_t categories, const std::string& place) {
  trace::Series out;
  out.name = text(from.name);
  const std::string here = fmt::format("{}, series '{}'", place, out.name);
  const std::uint32_t count = from.count;
  countCells(count);
  requirePointer(from.y, count, here + ": y");
  const bool bar = kind == trace::ChartKind::Bar;
  if (bar && count != categories)
    refuse(fmt::format("{} has {} values for {} categories", here, count, categories));
  if (!bar)
    requirePointer(from.x, count, here + ": x");
  for (std::uint32_t i = 0; i < count; ++i) {
    const double y = from.y[i];
    out.y.push_back(std::isinf(y) ? finiteOrNan(y, here) : y);
    if (bar)
      continue;
    if (!std::isfinite(from.x[i]))
      refuse(fmt::format("{}: x of point {} is not finite", here, i));
    out.x.push_back(from.x[i]);
  }
  if (from.intervals != nullptr)
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto [low, high] = from.intervals[i];
      if (low > high)
        refuse(fmt::format("{}: the interval of point {} is upside down", here, i));
      const bool known = std::isfinite(low) && std::isfinite(high);
      constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
      out.intervals.emplace_back(known ? low : kNone, known ? high : kNone);
    }
  if (from.labels != nullptr)
    out.labels = labels(from.labels, count, here);
  return out;
}

void ResultBuilder::addChart(const sy_figure& head, const sy_chart& from) {
  trace::Figure out = figure(head);
  const std::string place = fmt::format("figure '{}'", out.name);
  if (from.kind < SY_CHART_BAR || from.kind > SY_CHART_SCATTER)
    refuse(fmt::format("{}: unknown kind of chart {}", place, from.kind));
  trace::Chart chart;
  chart.kind = static_cast<trace::ChartKind>(from.kind);
  chart.xTitle = text(from.x_title);
  chart.xUnit = text(from.x_unit);
  chart.yTitle = text(from.y_title);
  chart.yUnit = text(from.y_unit);
  chart.categories = labels(from.categories, from.category_count, place);
  requirePointer(from.series, from.series_count, place + ": the series");
  for (std::uint32_t i = 0; i < from.series_count; ++i) {
    requireStruct(from.series[i], "a series");
    countPiece();
    chart.series.push_back(series(*from.series[i], chart.kind, chart.categories.size(), place));
  }
  if (from.has_reference != 0) {
    if (!std::isfinite(from.reference))
      refuse(place + ": the reference line is not finite");
    chart.reference = from.reference;
    chart.referenceLabel = text(from.reference_label);
  }
  out.content = std::move(chart);
  m_result.figures.push_back(std::move(out));
}

void ResultBuilder::addFlow(const sy_figure& head, const sy_flow& from) {
  trace::Figure out = figure(head);
  const std::string place = fmt::format("figure '{}'", out.name);
  trace::Flow flow;
  flow.unit = text(from.unit);
  const std::vector<std::string> names = labels(from.labels, from.node_count, place);
  requirePointer(from.columns, from.node_count, place + ": the columns");
  for (std::size_t i = 0; i < names.size(); ++i)
    flow.nodes.push_back({names[i], from.columns[i]});
  countCells(from.link_count);
  for (const void* part : {static_cast<const void*>(from.from), static_cast<const void*>(from.to),
                           static_cast<const void*>(from.amounts)})
    requirePointer(part, from.link_count, place + ": the links");
  const auto isNode = [&](std::int32_t node) {
    return node >= 0 && static_cast<std::size_t>(node) < flow.nodes.size();
  };
  for (std::uint64_t i = 0; i < from.link_count; ++i) {
    const trace::Flow::Link link{from.from[i], from.to[i], from.amounts[i]};
    if (!isNode(link.from) || !isNode(link.to) ||
        flow.nodes[static_cast<std::size_t>(link.from)].column >=
            flow.nodes[static_cast<std::size_t>(link.to)].column)
      refuse(fmt::format("{}: link {} does not lead to a node in a later column", place, i));
    if (!std::isfinite(link.amount) || link.amount < 0)
      refuse(fmt::format("{}: the amount of link {} is negative or not finite", place, i));
    flow.links.push_back(link);
  }
  out.content = std::move(flow);
  m_result.figures.push_back(std::move(out));
}

} // namespace switchyard::plugin
