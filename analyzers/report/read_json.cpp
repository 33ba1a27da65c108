#include "analyzers/report/read_json.h"

#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::analyzers::report {

namespace {

using nlohmann::json;

/// Throws nlohmann's exceptions and this one; resultFromJson() turns both into an Error.
struct Misfit {
  std::string what;
};

double number(const json& value) {
  if (value.is_null())
    return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number())
    throw Misfit{"a number is expected, not " + value.dump().substr(0, 40)};
  return value.get<double>();
}

std::string text(const json& object, const char* key) {
  return object.at(key).get<std::string>();
}

std::vector<std::string> texts(const json& array) {
  return array.get<std::vector<std::string>>();
}

std::vector<double> numbers(const json& array) {
  std::vector<double> out;
  out.reserve(array.size());
  for (const json& value : array)
    out.push_back(number(value));
  return out;
}

std::optional<double> optionalNumber(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(number(value));
}

std::pair<double, double> pair(const json& array) {
  return {number(array.at(0)), number(array.at(1))};
}

trace::Cell cell(const json& value) {
  if (value.is_null())
    return {};
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  if (value.is_number())
    return value.get<double>();
  return value.get<std::string>();
}

trace::Table table(const json& from) {
  trace::Table table{
      .name = text(from, "name"), .title = text(from, "title"), .columns = {}, .rows = {}};
  for (const json& column : from.at("columns"))
    table.columns.push_back({text(column, "name"), text(column, "unit"), text(column, "help")});
  for (const json& row : from.at("rows")) {
    if (row.size() != table.columns.size())
      throw Misfit{fmt::format("a row of table \"{}\" has {} cells for {} columns", table.name,
                               row.size(), table.columns.size())};
    std::vector<trace::Cell>& cells = table.rows.emplace_back();
    for (const json& value : row)
      cells.push_back(cell(value));
  }
  return table;
}

trace::Axis axis(const json& from) {
  return {text(from, "title"), texts(from.at("labels"))};
}

trace::Heatmap heatmap(const json& from) {
  trace::Heatmap map;
  map.x = axis(from.at("x"));
  map.y = axis(from.at("y"));
  map.unit = text(from, "unit");
  map.neutral = optionalNumber(from.at("neutral"));
  map.values = numbers(from.at("values"));
  for (const json& merge : from.at("merges"))
    map.merges.push_back({merge.at(0).get<int>(), merge.at(1).get<int>(), number(merge.at(2))});
  return map;
}

trace::Chart chart(const json& from, trace::ChartKind kind) {
  trace::Chart chart;
  chart.kind = kind;
  chart.xTitle = text(from, "x_title");
  chart.xUnit = text(from, "x_unit");
  chart.yTitle = text(from, "y_title");
  chart.yUnit = text(from, "y_unit");
  chart.categories = texts(from.at("categories"));
  chart.reference = optionalNumber(from.at("reference"));
  chart.referenceLabel = text(from, "reference_label");
  for (const json& series : from.at("series")) {
    trace::Series& out = chart.series.emplace_back();
    out.name = text(series, "name");
    out.x = numbers(series.at("x"));
    out.y = numbers(series.at("y"));
    out.labels = texts(series.at("labels"));
    for (const json& interval : series.at("intervals"))
      out.intervals.push_back(pair(interval));
  }
  return chart;
}

trace::Flow flow(const json& from) {
  trace::Flow flow;
  flow.unit = text(from, "unit");
  for (const json& node : from.at("nodes"))
    flow.nodes.push_back({text(node, "label"), node.at("column").get<int>()});
  for (const json& link : from.at("links"))
    flow.links.push_back({link.at(0).get<int>(), link.at(1).get<int>(), number(link.at(2))});
  return flow;
}

trace::Figure figure(const json& from) {
  trace::Figure figure{.name = text(from, "name"),
                       .title = text(from, "title"),
                       .note = text(from, "note"),
                       .content = {}};
  const std::string kind = text(from, "kind");
  if (kind == "heatmap")
    figure.content = heatmap(from);
  else if (kind == "bar")
    figure.content = chart(from, trace::ChartKind::Bar);
  else if (kind == "line")
    figure.content = chart(from, trace::ChartKind::Line);
  else if (kind == "scatter")
    figure.content = chart(from, trace::ChartKind::Scatter);
  else if (kind == "flow")
    figure.content = flow(from);
  else
    throw Misfit{"figure kind \"" + kind + "\" is not known"};
  return figure;
}

trace::Headline headline(const json& from) {
  trace::Headline out;
  out.name = text(from, "name");
  out.title = text(from, "title");
  out.value = cell(from.at("value"));
  out.unit = text(from, "unit");
  out.note = text(from, "note");
  if (const json& interval = from.at("interval"); !interval.is_null()) {
    out.interval = pair(interval);
    out.level = number(from.at("level"));
  }
  return out;
}

trace::Provenance provenance(const json& from) {
  trace::Provenance out;
  out.analyzer = text(from, "analyzer");
  out.version = text(from, "version");
  out.formula = text(from, "formula");
  out.filter = text(from, "filter");
  out.sequences = from.at("sequences").get<std::int64_t>();
  out.tokens = from.at("tokens").get<std::int64_t>();
  for (const auto& [key, value] : from.at("options").items())
    out.options.emplace_back(key, value.get<std::string>());
  return out;
}

} // namespace

base::Result<trace::AnalysisResult> resultFromJson(const json& from, const base::Where& where) {
  try {
    trace::AnalysisResult result;
    result.provenance = provenance(from.at("provenance"));
    for (const json& each : from.at("headlines"))
      result.headlines.push_back(headline(each));
    result.findings = texts(from.at("findings"));
    result.warnings = texts(from.at("warnings"));
    for (const json& each : from.at("tables"))
      result.tables.push_back(table(each));
    for (const json& each : from.at("figures"))
      result.figures.push_back(figure(each));
    return result;
  } catch (const Misfit& misfit) {
    return base::fail(base::ErrorCode::InvalidFormat, "not a result of Switchyard: " + misfit.what,
                      where);
  } catch (const json::exception& exception) {
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("not a result of Switchyard: {}", exception.what()), where);
  }
}

} // namespace switchyard::analyzers::report
