#include <algorithm>

#include "analyzers/report/palette.h"
#include "analyzers/report/vega_parts.h"

namespace switchyard::analyzers::report {

namespace {

using nlohmann::json;

constexpr double kMaxCell = 17, kMinCell = 3; ///< pixels
constexpr double kGoalWidth = 760, kGoalHeight = 560;
constexpr std::size_t kMaxAxisLabels = 32;

double cellSize(std::size_t count, double goal) {
  return std::clamp(goal / static_cast<double>(std::max<std::size_t>(count, 1)), kMinCell,
                    kMaxCell);
}

/// An axis over cells 0..n whose labels stand at the cells' middles. The labels come in as a JSON
/// array literal: text of a trace stays data.
json cellAxis(const trace::Axis& axis) {
  const std::size_t step = (axis.labels.size() + kMaxAxisLabels - 1) / kMaxAxisLabels;
  json values = json::array();
  for (std::size_t i = 0; i < axis.labels.size(); i += std::max<std::size_t>(step, 1))
    values.push_back(static_cast<double>(i) + 0.5);
  const std::string labels = json(axis.labels).dump(-1, ' ', true, json::error_handler_t::replace);
  return {{"title", axis.title},
          {"values", values},
          {"grid", false},
          {"domain", false},
          {"ticks", false},
          {"labelOverlap", false},
          {"labelExpr", labels + "[floor(datum.value)]"}};
}

json cellScale(std::size_t count, bool reverse) {
  json scale = {{"domain", {0, count}}, {"nice", false}, {"zero", false}};
  if (reverse)
    scale["reverse"] = true;
  return scale;
}

/// Colours over the values' own range; about a neutral value they are as strong on both sides.
json colourScale(const trace::Heatmap& map) {
  double low = 0, high = 0, reach = 0;
  bool first = true;
  for (const double value : map.values) {
    if (!std::isfinite(value))
      continue;
    low = first ? value : std::min(low, value);
    high = first ? value : std::max(high, value);
    reach = std::max(reach, std::fabs(value - map.neutral.value_or(value)));
    first = false;
  }
  if (low == high)
    high = low + 1;
  constexpr int kStops = 16;
  json range = json::array();
  for (int i = 0; i <= kStops; ++i) {
    const double share = static_cast<double>(i) / kStops;
    const double value = low + (high - low) * share;
    range.push_back(map.neutral && reach > 0
                        ? divergingColour(0.5 + 0.5 * (value - *map.neutral) / reach)
                        : sequentialColour(share));
  }
  return {{"domain", {low, high}}, {"range", range}, {"interpolate", "rgb"}};
}

json cells(const trace::Heatmap& map) {
  json rows = json::array();
  const std::size_t width = map.x.labels.size();
  const std::size_t count = std::min(map.values.size(), width * map.y.labels.size());
  for (std::size_t i = 0; i < count; ++i)
    rows.push_back({{"x", i % width},
                    {"y", i / width},
                    {"x2", i % width + 1},
                    {"y2", i / width + 1},
                    {"column", map.x.labels[i % width]},
                    {"row", map.y.labels[i / width]},
                    {"value", vegaNumber(map.values[i])}});
  return rows;
}

json matrix(const trace::Heatmap& map) {
  const std::string unit = map.unit.empty() ? "value" : map.unit;
  return {{"width",
           cellSize(map.x.labels.size(), kGoalWidth) * static_cast<double>(map.x.labels.size())},
          {"height",
           cellSize(map.y.labels.size(), kGoalHeight) * static_cast<double>(map.y.labels.size())},
          {"data", {{"values", cells(map)}}},
          {"params", json::array({{{"name", "zoom"}, {"select", "interval"}, {"bind", "scales"}}})},
          {"mark", {{"type", "rect"}, {"invalid", nullptr}, {"clip", true}}},
          {"encoding",
           {{"x",
             {{"field", "x"},
              {"type", "quantitative"},
              {"scale", cellScale(map.x.labels.size(), false)},
              {"axis", cellAxis(map.x)}}},
            {"x2", {{"field", "x2"}}},
            {"y",
             {{"field", "y"},
              {"type", "quantitative"},
              {"scale", cellScale(map.y.labels.size(), true)},
              {"axis", cellAxis(map.y)}}},
            {"y2", {{"field", "y2"}}},
            {"color",
             {{"condition", {{"test", "!isValid(datum.value)"}, {"value", kNoDataColour}}},
              {"field", "value"},
              {"type", "quantitative"},
              {"title", map.unit},
              {"scale", colourScale(map)}}},
            {"tooltip", json::array({vegaTip("row", map.y.title), vegaTip("column", map.x.title),
                                     vegaTip("value", unit, true)})}}}};
}

/// The tree over the columns: each merge is a line up, across and down.
json dendrogram(const trace::Heatmap& map) {
  const std::size_t leaves = map.x.labels.size();
  std::vector<double> at, height(leaves, 0);
  for (std::size_t i = 0; i < leaves; ++i)
    at.push_back(static_cast<double>(i) + 0.5);
  json rows = json::array();
  for (std::size_t m = 0; m < map.merges.size(); ++m) {
    const trace::DendrogramMerge& merge = map.merges[m];
    const auto left = static_cast<std::size_t>(merge.left);
    const auto right = static_cast<std::size_t>(merge.right);
    if (merge.left < 0 || merge.right < 0 || left >= at.size() || right >= at.size())
      break; // a figure that does not fit itself is drawn as far as it makes sense
    const double corners[][2] = {{at[left], height[left]},
                                 {at[left], merge.height},
                                 {at[right], merge.height},
                                 {at[right], height[right]}};
    for (std::size_t c = 0; c < 4; ++c)
      rows.push_back({{"merge", m}, {"order", c}, {"x", corners[c][0]}, {"height", corners[c][1]}});
    at.push_back((at[left] + at[right]) / 2);
    height.push_back(merge.height);
  }
  return {{"width", cellSize(leaves, kGoalWidth) * static_cast<double>(leaves)},
          {"height", 70},
          {"data", {{"values", rows}}},
          {"mark", {{"type", "line"}, {"strokeWidth", 1}, {"color", "#666666"}}},
          {"encoding",
           {{"x",
             {{"field", "x"},
              {"type", "quantitative"},
              {"scale", cellScale(leaves, false)},
              {"axis", nullptr}}},
            {"y", {{"field", "height"}, {"type", "quantitative"}, {"title", "distance"}}},
            {"order", {{"field", "order"}}},
            {"detail", {{"field", "merge"}}},
            {"tooltip", json::array({vegaTip("height", "joined at distance", true)})}}}};
}

} // namespace

json vegaOf(const trace::Heatmap& map) {
  if (map.merges.empty())
    return matrix(map);
  return {{"vconcat", json::array({dendrogram(map), matrix(map)})}, {"spacing", 4}};
}

} // namespace switchyard::analyzers::report
