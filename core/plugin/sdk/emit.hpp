#pragma once

#include <type_traits>

#include "core/plugin/sdk/result.hpp"

SY_SDK_NAMESPACE_BEGIN

/// Hands a Result to the host's builder; throws what the builder refuses.
class Emitter {
public:
  explicit Emitter(const sy_result& to) : m_to(to) {}

  void emit(const Result& result) {
    const sy_provenance provenance{sizeof(sy_provenance), 0, result.formula.c_str(),
                                   result.filter.c_str()};
    check(m_to.provenance(m_to.context, &provenance, &m_error), m_error);
    for (const Table& table : result.tables)
      emit(table);
    for (const Figure& figure : result.figures)
      std::visit(
          [&](const auto& content) {
            const sy_figure head{sizeof(sy_figure), 0, figure.name.c_str(), figure.title.c_str(),
                                 figure.note.c_str()};
            emit(head, content);
          },
          figure.content);
    for (const Headline& headline : result.headlines)
      emit(headline);
    for (const std::string& text : result.findings)
      check(m_to.finding(m_to.context, text.c_str(), &m_error), m_error);
    for (const std::string& text : result.warnings)
      check(m_to.warning(m_to.context, text.c_str(), &m_error), m_error);
  }

private:
  using Names = std::vector<const char*>;

  static Names pointers(const std::vector<std::string>& strings) {
    Names names;
    names.reserve(strings.size());
    for (const std::string& text : strings)
      names.push_back(text.c_str());
    return names;
  }

  static std::vector<sy_interval> intervals(const std::vector<std::pair<double, double>>& pairs) {
    std::vector<sy_interval> out;
    out.reserve(pairs.size());
    for (const auto& [low, high] : pairs)
      out.push_back({low, high});
    return out;
  }

  static sy_cell cell(const Cell& value) {
    sy_cell out{};
    std::visit(
        [&](const auto& content) {
          using Content = std::remove_cvref_t<decltype(content)>;
          if constexpr (std::is_same_v<Content, std::int64_t>) {
            out.type = SY_CELL_INTEGER;
            out.value.integer = content;
          } else if constexpr (std::is_same_v<Content, double>) {
            out.type = SY_CELL_NUMBER;
            out.value.number = content;
          } else if constexpr (std::is_same_v<Content, std::string>) {
            out.type = SY_CELL_TEXT;
            out.value.text = content.c_str();
          }
        },
        value);
    return out;
  }

  void emit(const Table& table) {
    check(m_to.table(m_to.context, table.name.c_str(), table.title.c_str(), &m_error), m_error);
    for (const Column& column : table.columns)
      check(m_to.column(m_to.context, column.name.c_str(), column.unit.c_str(), column.help.c_str(),
                        &m_error),
            m_error);
    std::vector<sy_cell> cells;
    for (const std::vector<Cell>& row : table.rows) {
      cells.clear();
      for (const Cell& value : row)
        cells.push_back(cell(value));
      check(
          m_to.row(m_to.context, cells.data(), static_cast<std::uint32_t>(cells.size()), &m_error),
          m_error);
    }
  }

  void emit(const Headline& headline) {
    sy_headline out{};
    out.struct_size = sizeof(out);
    out.name = headline.name.c_str();
    out.title = headline.title.c_str();
    out.value = cell(headline.value);
    out.unit = headline.unit.c_str();
    out.has_interval = headline.interval ? 1 : 0;
    if (headline.interval)
      out.interval = {headline.interval->first, headline.interval->second};
    out.level = headline.level;
    out.note = headline.note.c_str();
    check(m_to.headline(m_to.context, &out, &m_error), m_error);
  }

  static sy_axis axis(const Axis& from, const Names& labels) {
    return {sizeof(sy_axis), static_cast<std::uint32_t>(labels.size()), from.title.c_str(),
            labels.data()};
  }

  void emit(const sy_figure& head, const Heatmap& heatmap) {
    const Names xLabels = pointers(heatmap.x.labels);
    const Names yLabels = pointers(heatmap.y.labels);
    if (heatmap.values.size() != xLabels.size() * yLabels.size())
      throw Failure(SY_INTERNAL, "figure '" + std::string(head.name) + "' has " +
                                     std::to_string(heatmap.values.size()) + " values for " +
                                     std::to_string(yLabels.size()) + " x " +
                                     std::to_string(xLabels.size()) + " labels");
    const sy_axis x = axis(heatmap.x, xLabels);
    const sy_axis y = axis(heatmap.y, yLabels);
    std::vector<sy_merge> merges;
    for (const Merge& merge : heatmap.merges)
      merges.push_back({merge.left, merge.right, merge.height});
    sy_heatmap out{};
    out.struct_size = sizeof(out);
    out.x = &x;
    out.y = &y;
    out.values = heatmap.values.data();
    out.unit = heatmap.unit.c_str();
    out.has_neutral = heatmap.neutral ? 1 : 0;
    out.neutral = heatmap.neutral.value_or(0.0);
    out.merges = merges.data();
    out.merge_count = merges.size();
    check(m_to.heatmap(m_to.context, &head, &out, &m_error), m_error);
  }

  void emit(const sy_figure& head, const Chart& chart) {
    struct Parts {
      std::vector<sy_interval> intervals;
      Names labels;
      sy_series series;
    };
    std::vector<Parts> parts;
    parts.reserve(chart.series.size());
    for (const Series& series : chart.series) {
      const std::size_t count = series.y.size();
      if ((!series.x.empty() && series.x.size() != count) ||
          (!series.intervals.empty() && series.intervals.size() != count) ||
          (!series.labels.empty() && series.labels.size() != count))
        throw Failure(SY_INTERNAL, "series '" + series.name + "' of figure '" +
                                       std::string(head.name) + "' has parts of unequal length");
      Parts& part = parts.emplace_back(intervals(series.intervals), pointers(series.labels));
      part.series = {sizeof(sy_series),
                     static_cast<std::uint32_t>(count),
                     series.name.c_str(),
                     series.x.empty() ? nullptr : series.x.data(),
                     series.y.data(),
                     part.intervals.empty() ? nullptr : part.intervals.data(),
                     part.labels.empty() ? nullptr : part.labels.data()};
    }
    std::vector<const sy_series*> series;
    for (const Parts& part : parts)
      series.push_back(&part.series);
    const Names categories = pointers(chart.categories);
    sy_chart out{};
    out.struct_size = sizeof(out);
    out.kind = static_cast<std::int32_t>(chart.kind);
    out.x_title = chart.xTitle.c_str();
    out.x_unit = chart.xUnit.c_str();
    out.y_title = chart.yTitle.c_str();
    out.y_unit = chart.yUnit.c_str();
    out.categories = categories.data();
    out.category_count = static_cast<std::uint32_t>(categories.size());
    out.series = series.data();
    out.series_count = static_cast<std::uint32_t>(series.size());
    out.has_reference = chart.reference ? 1 : 0;
    out.reference = chart.reference.value_or(0.0);
    out.reference_label = chart.referenceLabel.c_str();
    check(m_to.chart(m_to.context, &head, &out, &m_error), m_error);
  }

  void emit(const sy_figure& head, const Flow& flow) {
    Names labels;
    std::vector<std::int32_t> columns, from, to;
    std::vector<double> amounts;
    for (const Flow::Node& node : flow.nodes) {
      labels.push_back(node.label.c_str());
      columns.push_back(node.column);
    }
    for (const Flow::Link& link : flow.links) {
      from.push_back(link.from);
      to.push_back(link.to);
      amounts.push_back(link.amount);
    }
    sy_flow out{};
    out.struct_size = sizeof(out);
    out.node_count = static_cast<std::uint32_t>(labels.size());
    out.labels = labels.data();
    out.columns = columns.data();
    out.link_count = from.size();
    out.from = from.data();
    out.to = to.data();
    out.amounts = amounts.data();
    out.unit = flow.unit.c_str();
    check(m_to.flow(m_to.context, &head, &out, &m_error), m_error);
  }

  const sy_result& m_to;
  sy_error m_error = makeError();
};

SY_SDK_NAMESPACE_END
