#include "analyzers/report/json.h"

#include <fmt/format.h>

#include "analyzers/report/encoding.h"

namespace switchyard::analyzers::report {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : validUtf8(text)) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out += '"';
}

std::string number(double value) {
  return exactNumber(value);
}

std::string cellJson(const trace::Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return number(value); }
    std::string operator()(const std::string& value) const { return quoted(value); }
  };
  return std::visit(Visitor{}, cell);
}

/// [a, b, c] of anything that `one` turns into JSON; `separator` goes between.
template <typename Range, typename One>
std::string array(const Range& range, One one, std::string_view separator = ", ") {
  std::string out = "[";
  bool first = true;
  for (const auto& item : range) {
    if (!first)
      out += separator;
    out += one(item);
    first = false;
  }
  return out += "]";
}

std::string strings(const std::vector<std::string>& values) {
  return array(values, quoted);
}

std::string numbers(const std::vector<double>& values) {
  return array(values, number, ",");
}

std::string optionalNumber(const std::optional<double>& value) {
  return value ? number(*value) : "null";
}

std::string axis(const trace::Axis& axis) {
  return fmt::format(R"({{"title": {}, "labels": {}}})", quoted(axis.title), strings(axis.labels));
}

std::string content(const trace::Heatmap& map) {
  return fmt::format(R"("kind": "heatmap", "x": {}, "y": {}, "unit": {}, "neutral": {}, )"
                     R"("values": {}, "merges": {})",
                     axis(map.x), axis(map.y), quoted(map.unit), optionalNumber(map.neutral),
                     numbers(map.values), array(map.merges, [](const trace::DendrogramMerge& m) {
                       return fmt::format("[{}, {}, {}]", m.left, m.right, number(m.height));
                     }));
}

std::string series(const trace::Series& s) {
  return fmt::format(R"({{"name": {}, "x": {}, "y": {}, "intervals": {}, "labels": {}}})",
                     quoted(s.name), numbers(s.x), numbers(s.y),
                     array(s.intervals,
                           [](const std::pair<double, double>& i) {
                             return fmt::format("[{}, {}]", number(i.first), number(i.second));
                           }),
                     strings(s.labels));
}

std::string content(const trace::Chart& chart) {
  const char* kind = chart.kind == trace::ChartKind::Bar    ? "bar"
                     : chart.kind == trace::ChartKind::Line ? "line"
                                                            : "scatter";
  return fmt::format(R"("kind": "{}", "x_title": {}, "x_unit": {}, "y_title": {}, "y_unit": {}, )"
                     R"("categories": {}, "series": {}, "reference": {}, "reference_label": {})",
                     kind, quoted(chart.xTitle), quoted(chart.xUnit), quoted(chart.yTitle),
                     quoted(chart.yUnit), strings(chart.categories), array(chart.series, series),
                     optionalNumber(chart.reference), quoted(chart.referenceLabel));
}

std::string content(const trace::Flow& flow) {
  return fmt::format(R"("kind": "flow", "unit": {}, "nodes": {}, "links": {})", quoted(flow.unit),
                     array(flow.nodes,
                           [](const trace::Flow::Node& n) {
                             return fmt::format(R"({{"label": {}, "column": {}}})", quoted(n.label),
                                                n.column);
                           }),
                     array(flow.links, [](const trace::Flow::Link& l) {
                       return fmt::format("[{}, {}, {}]", l.from, l.to, number(l.amount));
                     }));
}

std::string figure(const trace::Figure& figure) {
  return fmt::format(R"({{"name": {}, "title": {}, "note": {}, {}}})", quoted(figure.name),
                     quoted(figure.title), quoted(figure.note),
                     std::visit([](const auto& data) { return content(data); }, figure.content));
}

std::string tableJson(const trace::Table& table) {
  return fmt::format(R"({{"name": {}, "title": {}, "columns": {}, "rows": {}}})",
                     quoted(table.name), quoted(table.title),
                     array(table.columns,
                           [](const trace::Column& c) {
                             return fmt::format(R"({{"name": {}, "unit": {}, "help": {}}})",
                                                quoted(c.name), quoted(c.unit), quoted(c.help));
                           }),
                     array(
                         table.rows,
                         [](const std::vector<trace::Cell>& row) { return array(row, cellJson); },
                         ",\n    "));
}

std::string headline(const trace::Headline& h) {
  return fmt::format(
      R"({{"name": {}, "title": {}, "value": {}, "unit": {}, "interval": {}, "level": {}, )"
      R"("note": {}}})",
      quoted(h.name), quoted(h.title), cellJson(h.value), quoted(h.unit),
      h.interval ? fmt::format("[{}, {}]", number(h.interval->first), number(h.interval->second))
                 : "null",
      h.interval ? number(h.level) : "null", quoted(h.note));
}

std::string provenance(const trace::Provenance& p) {
  std::string options = "{";
  for (const auto& [key, value] : p.options)
    options += fmt::format("{}{}: {}", options.size() > 1 ? ", " : "", quoted(key), quoted(value));
  return fmt::format(
      R"({{"analyzer": {}, "version": {}, "formula": {}, "filter": {}, "sequences": {}, )"
      R"("tokens": {}, "options": {}}}}})",
      quoted(p.analyzer), quoted(p.version), quoted(p.formula), quoted(p.filter), p.sequences,
      p.tokens, options);
}

} // namespace

std::string toJson(const trace::AnalysisResult& result) {
  return fmt::format(
      "{{\n\"provenance\": {},\n\"headlines\": {},\n\"findings\": {},\n\"warnings\": {},\n"
      "\"tables\": {},\n\"figures\": {}\n}}\n",
      provenance(result.provenance), array(result.headlines, headline, ",\n  "),
      array(result.findings, quoted, ",\n  "), array(result.warnings, quoted, ",\n  "),
      array(result.tables, tableJson, ",\n  "), array(result.figures, figure, ",\n  "));
}

std::string toJson(const trace::Table& table) {
  return array(
             table.rows,
             [&](const std::vector<trace::Cell>& row) {
               std::string object = "{";
               for (std::size_t c = 0; c < row.size(); ++c)
                 object += fmt::format("{}{}: {}", c > 0 ? ", " : "", quoted(table.columns[c].name),
                                       cellJson(row[c]));
               return object += "}";
             },
             ",\n ") +
         "\n";
}

} // namespace switchyard::analyzers::report
