#include "app/jobs/read_analysis.h"

#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1ull << 30;

/// Typed access that fails with the key's name. The first failure is kept, and everything after it
/// reads as empty, so that parsing code needs no branches.
class Fields {
public:
  explicit Fields(const base::Where& where) : m_where(where) {}

  const json& at(const json& object, const char* key) {
    static const json none;
    if (object.is_object())
      if (const auto found = object.find(key); found != object.end())
        return *found;
    complain(fmt::format("'{}' is missing", key));
    return none;
  }
  std::string text(const json& value, const char* what) {
    if (!value.is_string())
      complain(fmt::format("{} is no text", what));
    return value.is_string() ? value.get<std::string>() : std::string();
  }
  /// null is NaN.
  double number(const json& value, const char* what) {
    if (value.is_number())
      return value.get<double>();
    if (!value.is_null())
      complain(fmt::format("{} is no number", what));
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::int64_t integer(const json& value, const char* what) {
    if (!value.is_number_integer())
      complain(fmt::format("{} is no integer", what));
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
  }
  std::optional<double> optionalNumber(const json& value, const char* what) {
    return value.is_null() ? std::nullopt : std::optional(number(value, what));
  }
  template <typename One> auto list(const json& value, const char* what, One one) {
    std::vector<decltype(one(value))> out;
    if (!value.is_array()) {
      complain(fmt::format("{} is no list", what));
      return out;
    }
    out.reserve(value.size());
    for (const json& item : value)
      out.push_back(one(item));
    return out;
  }
  std::vector<std::string> texts(const json& value, const char* what) {
    return list(value, what, [&](const json& item) { return text(item, what); });
  }
  std::vector<double> numbers(const json& value, const char* what) {
    return list(value, what, [&](const json& item) { return number(item, what); });
  }
  std::pair<double, double> interval(const json& value) {
    if (!value.is_array() || value.size() != 2) {
      complain("an interval is no pair");
      return {};
    }
    return {number(value[0], "interval"), number(value[1], "interval")};
  }
  void complain(std::string what) {
    if (m_problem.empty())
      m_problem = std::move(what);
  }
  template <typename T> base::Result<T> finish(T value) const {
    if (!m_problem.empty())
      return base::fail(base::ErrorCode::InvalidFormat,
                        "this is no analysis of Switchyard: " + m_problem, m_where);
    return value;
  }

private:
  base::Where m_where;
  std::string m_problem;
};

trace::Cell cell(const json& value, Fields& fields) {
  if (value.is_null())
    return std::monostate{};
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  if (value.is_number())
    return value.get<double>();
  return fields.text(value, "a cell");
}

trace::Axis axis(const json& value, Fields& fields) {
  return {fields.text(fields.at(value, "title"), "title"),
          fields.texts(fields.at(value, "labels"), "labels")};
}

trace::Heatmap heatmap(const json& value, Fields& fields) {
  trace::Heatmap map;
  map.x = axis(fields.at(value, "x"), fields);
  map.y = axis(fields.at(value, "y"), fields);
  map.unit = fields.text(fields.at(value, "unit"), "unit");
  map.neutral = fields.optionalNumber(fields.at(value, "neutral"), "neutral");
  map.values = fields.numbers(fields.at(value, "values"), "values");
  map.merges = fields.list(fields.at(value, "merges"), "merges", [&](const json& merge) {
    trace::DendrogramMerge out;
    if (!merge.is_array() || merge.size() != 3) {
      fields.complain("a merge is no triple");
      return out;
    }
    out.left = static_cast<int>(fields.integer(merge[0], "merge"));
    out.right = static_cast<int>(fields.integer(merge[1], "merge"));
    out.height = fields.number(merge[2], "merge");
    return out;
  });
  if (map.values.size() != map.x.labels.size() * map.y.labels.size())
    fields.complain("a heatmap has as many values as cells");
  return map;
}

trace::Chart chart(const json& value, trace::ChartKind kind, Fields& fields) {
  trace::Chart out;
  out.kind = kind;
  out.xTitle = fields.text(fields.at(value, "x_title"), "x_title");
  out.xUnit = fields.text(fields.at(value, "x_unit"), "x_unit");
  out.yTitle = fields.text(fields.at(value, "y_title"), "y_title");
  out.yUnit = fields.text(fields.at(value, "y_unit"), "y_unit");
  out.categories = fields.texts(fields.at(value, "categories"), "categories");
  out.series = fields.list(fields.at(value, "series"), "series", [&](const json& item) {
    trace::Series series;
    series.name = fields.text(fields.at(item, "name"), "name");
    series.x = fields.numbers(fields.at(item, "x"), "x");
    series.y = fields.numbers(fields.at(item, "y"), "y");
    series.intervals = fields.list(fields.at(item, "intervals"), "intervals",
                                   [&](const json& pair) { return fields.interval(pair); });
    series.labels = fields.texts(fields.at(item, "labels"), "labels");
    return series;
  });
  out.reference = fields.optionalNumber(fields.at(value, "reference"), "reference");
  out.referenceLabel = fields.text(fields.at(value, "reference_label"), "reference_label");
  return out;
}

trace::Flow flow(const json& value, Fields& fields) {
  trace::Flow out;
  out.unit = fields.text(fields.at(value, "unit"), "unit");
  out.nodes = fields.list(fields.at(value, "nodes"), "nodes", [&](const json& node) {
    return trace::Flow::Node{fields.text(fields.at(node, "label"), "label"),
                             static_cast<int>(fields.integer(fields.at(node, "column"), "column"))};
  });
  out.links = fields.list(fields.at(value, "links"), "links", [&](const json& link) {
    trace::Flow::Link out_;
    if (!link.is_array() || link.size() != 3) {
      fields.complain("a link is no triple");
      return out_;
    }
    out_.from = static_cast<int>(fields.integer(link[0], "link"));
    out_.to = static_cast<int>(fields.integer(link[1], "link"));
    out_.amount = fields.number(link[2], "link");
    return out_;
  });
  const int nodes = static_cast<int>(out.nodes.size());
  for (const trace::Flow::Link& link : out.links)
    if (link.from < 0 || link.from >= nodes || link.to < 0 || link.to >= nodes)
      fields.complain("a link joins nodes that are not there");
  return out;
}

trace::Figure figure(const json& value, Fields& fields) {
  trace::Figure out;
  out.name = fields.text(fields.at(value, "name"), "name");
  out.title = fields.text(fields.at(value, "title"), "title");
  out.note = fields.text(fields.at(value, "note"), "note");
  const std::string kind = fields.text(fields.at(value, "kind"), "kind");
  if (kind == "heatmap")
    out.content = heatmap(value, fields);
  else if (kind == "flow")
    out.content = flow(value, fields);
  else if (kind == "bar")
    out.content = chart(value, trace::ChartKind::Bar, fields);
  else if (kind == "line")
    out.content = chart(value, trace::ChartKind::Line, fields);
  else if (kind == "scatter")
    out.content = chart(value, trace::ChartKind::Scatter, fields);
  else
    fields.complain(fmt::format("'{}' is no kind of figure", kind));
  return out;
}

trace::Table table(const json& value, Fields& fields) {
  trace::Table out;
  out.name = fields.text(fields.at(value, "name"), "name");
  out.title = fields.text(fields.at(value, "title"), "title");
  out.columns = fields.list(fields.at(value, "columns"), "columns", [&](const json& column) {
    return trace::Column{fields.text(fields.at(column, "name"), "name"),
                         fields.text(fields.at(column, "unit"), "unit"),
                         fields.text(fields.at(column, "help"), "help")};
  });
  out.rows = fields.list(fields.at(value, "rows"), "rows", [&](const json& row) {
    return fields.list(row, "a row", [&](const json& item) { return cell(item, fields); });
  });
  for (const auto& row : out.rows)
    if (row.size() != out.columns.size())
      fields.complain(fmt::format("a row of '{}' has not one cell per column", out.name));
  return out;
}

trace::Headline headline(const json& value, Fields& fields) {
  trace::Headline out;
  out.name = fields.text(fields.at(value, "name"), "name");
  out.title = fields.text(fields.at(value, "title"), "title");
  out.value = cell(fields.at(value, "value"), fields);
  out.unit = fields.text(fields.at(value, "unit"), "unit");
  if (const json& interval = fields.at(value, "interval"); !interval.is_null()) {
    out.interval = fields.interval(interval);
    out.level = fields.number(fields.at(value, "level"), "level");
  }
  out.note = fields.text(fields.at(value, "note"), "note");
  return out;
}

trace::AnalysisResult result(const json& value, Fields& fields) {
  trace::AnalysisResult out;
  const json& made = fields.at(value, "provenance");
  out.provenance.analyzer = fields.text(fields.at(made, "analyzer"), "analyzer");
  out.provenance.version = fields.text(fields.at(made, "version"), "version");
  out.provenance.formula = fields.text(fields.at(made, "formula"), "formula");
  out.provenance.filter = fields.text(fields.at(made, "filter"), "filter");
  out.provenance.sequences = fields.integer(fields.at(made, "sequences"), "sequences");
  out.provenance.tokens = fields.integer(fields.at(made, "tokens"), "tokens");
  if (const json& options = fields.at(made, "options"); options.is_object())
    for (const auto& [key, option] : options.items())
      out.provenance.options.emplace_back(key, fields.text(option, "an option"));
  out.headlines = fields.list(fields.at(value, "headlines"), "headlines",
                              [&](const json& item) { return headline(item, fields); });
  out.findings = fields.texts(fields.at(value, "findings"), "findings");
  out.warnings = fields.texts(fields.at(value, "warnings"), "warnings");
  out.tables = fields.list(fields.at(value, "tables"), "tables",
                           [&](const json& item) { return table(item, fields); });
  out.figures = fields.list(fields.at(value, "figures"), "figures",
                            [&](const json& item) { return figure(item, fields); });
  return out;
}

} // namespace

base::Result<Analysis> parseAnalysis(const json& value, const base::Where& where) {
  Fields fields(where);
  Analysis analysis;
  analysis.command = fields.text(fields.at(value, "command"), "command");
  analysis.traceId = fields.text(fields.at(value, "trace"), "trace");
  analysis.notices = fields.texts(fields.at(value, "notices"), "notices");
  const json& results = fields.at(value, "results");
  if (results.is_object())
    for (const auto& [id, content] : results.items()) {
      analysis.ids.push_back(id);
      analysis.results.push_back(result(content, fields));
    }
  if (analysis.ids.empty())
    fields.complain("it holds no result");
  return fields.finish(std::move(analysis));
}

base::Result<Analysis> readAnalysis(const std::filesystem::path& path) {
  const std::string text = SY_TRY(base::readTextFile(path, kMaxBytes));
  const base::Where where{.file = path.string(), .tensor = {}, .layer = {}, .token = {}};
  const json parsed = SY_TRY(base::parseJson(text, {kMaxBytes, 64}, where));
  return parseAnalysis(parsed, where);
}

} // namespace switchyard::jobs
