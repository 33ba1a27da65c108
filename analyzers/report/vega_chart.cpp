#include "analyzers/report/palette.h"
#include "analyzers/report/vega_parts.h"

namespace switchyard::analyzers::report {

namespace {

using nlohmann::json;

json points(const trace::Chart& chart) {
  json rows = json::array();
  for (const trace::Series& series : chart.series)
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      json row = {{"series", series.name}, {"y", vegaNumber(series.y[i])}};
      if (chart.kind == trace::ChartKind::Bar)
        row["x"] = i < chart.categories.size() ? chart.categories[i] : std::to_string(i);
      else
        row["x"] = i < series.x.size() ? vegaNumber(series.x[i]) : json(i);
      if (i < series.intervals.size()) {
        row["low"] = vegaNumber(series.intervals[i].first);
        row["high"] = vegaNumber(series.intervals[i].second);
      }
      if (i < series.labels.size())
        row["label"] = series.labels[i];
      rows.push_back(std::move(row));
    }
  return rows;
}

bool any(const trace::Chart& chart, auto member) {
  for (const trace::Series& series : chart.series)
    if (!(series.*member).empty())
      return true;
  return false;
}

json colour(const trace::Chart& chart) {
  json names = json::array(), range = json::array();
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    names.push_back(chart.series[i].name);
    range.push_back(seriesColour(i));
  }
  json encoding = {{"field", "series"},
                   {"type", "nominal"},
                   {"title", nullptr},
                   {"scale", {{"domain", names}, {"range", range}}}};
  if (chart.series.size() < 2)
    encoding["legend"] = nullptr;
  return encoding;
}

json axisX(const trace::Chart& chart) {
  json x = {{"field", "x"}, {"title", vegaTitle(chart.xTitle, chart.xUnit)}};
  if (chart.kind == trace::ChartKind::Bar) {
    x["type"] = "nominal";
    x["sort"] = chart.categories;
    x["axis"] = {{"labelLimit", 160}, {"labelOverlap", "greedy"}};
  } else {
    x["type"] = "quantitative";
    x["scale"] = {{"zero", false}, {"nice", true}};
  }
  return x;
}

json axisY(const trace::Chart& chart) {
  json y = {
      {"field", "y"}, {"type", "quantitative"}, {"title", vegaTitle(chart.yTitle, chart.yUnit)}};
  if (chart.kind != trace::ChartKind::Bar)
    y["scale"] = {{"zero", false}};
  return y;
}

json mark(const trace::Chart& chart) {
  switch (chart.kind) {
  case trace::ChartKind::Bar:
    return {{"type", "bar"}};
  case trace::ChartKind::Line:
    return {{"type", "line"}, {"point", {{"size", 24}}}, {"strokeWidth", 1.75}, {"clip", true}};
  case trace::ChartKind::Scatter:
    break;
  }
  return {{"type", "point"}, {"filled", true}, {"size", 36}, {"clip", true}};
}

json tips(const trace::Chart& chart, bool intervals) {
  json list = json::array(
      {vegaTip("series", "series"),
       vegaTip("x", vegaTitle(chart.xTitle, chart.xUnit), chart.kind != trace::ChartKind::Bar),
       vegaTip("y", vegaTitle(chart.yTitle, chart.yUnit), true)});
  if (intervals) {
    list.push_back(vegaTip("low", "95 % from", true));
    list.push_back(vegaTip("high", "to", true));
  }
  if (any(chart, &trace::Series::labels))
    list.push_back(vegaTip("label", "label"));
  return list;
}

/// Whether a series is shown: legend entries switch it.
json shown() {
  return {{"condition", {{"param", "pick"}, {"value", 1}}}, {"value", 0.08}};
}

} // namespace

json vegaOf(const trace::Chart& chart) {
  const bool intervals = any(chart, &trace::Series::intervals);
  json params = json::array();
  params.push_back({{"name", "pick"},
                    {"select", {{"type", "point"}, {"fields", {"series"}}}},
                    {"bind", "legend"}});
  if (chart.kind != trace::ChartKind::Bar)
    params.push_back({{"name", "zoom"}, {"select", "interval"}, {"bind", "scales"}});
  json main = {{"mark", mark(chart)},
               {"params", params},
               {"encoding",
                {{"x", axisX(chart)},
                 {"y", axisY(chart)},
                 {"color", colour(chart)},
                 {"opacity", shown()},
                 {"tooltip", tips(chart, intervals)}}}};
  if (chart.kind == trace::ChartKind::Bar && chart.series.size() > 1)
    main["encoding"]["xOffset"] = {{"field", "series"}};
  json layers = json::array({main});
  if (intervals) {
    json rule = {{"mark", {{"type", "rule"}, {"strokeWidth", 1.25}, {"clip", true}}},
                 {"encoding",
                  {{"x", axisX(chart)},
                   {"y", {{"field", "low"}, {"type", "quantitative"}}},
                   {"y2", {{"field", "high"}}},
                   {"opacity", shown()}}}};
    if (chart.kind == trace::ChartKind::Bar) {
      rule["mark"]["color"] = "#333333";
      if (chart.series.size() > 1)
        rule["encoding"]["xOffset"] = {{"field", "series"}};
    } else {
      rule["encoding"]["color"] = colour(chart);
    }
    layers.push_back(rule);
  }
  if (chart.reference && std::isfinite(*chart.reference)) {
    json at = {
        {"values", json::array({{{"y", *chart.reference}, {"text", chart.referenceLabel}}})}};
    layers.push_back(
        {{"data", at},
         {"mark", {{"type", "rule"}, {"strokeDash", {4, 3}}, {"color", "#666666"}}},
         {"encoding",
          {{"y", {{"field", "y"}, {"type", "quantitative"}}},
           {"tooltip", json::array({vegaTip("text", "reference"), vegaTip("y", "at", true)})}}}});
  }
  return {{"width", "container"},
          {"height", 280},
          {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}},
          {"data", {{"values", points(chart)}}},
          {"layer", layers}};
}

} // namespace switchyard::analyzers::report
