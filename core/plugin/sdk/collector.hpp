#pragma once

#include <stdexcept>
#include <string>

#include "core/plugin/sdk/result.hpp"

SY_SDK_NAMESPACE_BEGIN

/// Collects what a plugin hands to sy_result, as a Result. Checks less than the real host does:
/// `switchyard plugins check` checks the rest.
class Collector {
public:
  Collector() {
    m_table.struct_size = sizeof(m_table);
    m_table.context = this;
    m_table.table = [](void* context, const char* name, const char* title, sy_error*) {
      self(context).tables.push_back({name, title, {}, {}});
      return sy_status{SY_OK};
    };
    m_table.column = [](void* context, const char* name, const char* unit, const char* help,
                        sy_error*) {
      self(context).tables.back().columns.push_back({name, text(unit), text(help)});
      return sy_status{SY_OK};
    };
    m_table.row = [](void* context, const sy_cell* cells, std::uint32_t count, sy_error* error) {
      Table& table = self(context).tables.back();
      if (count != table.columns.size()) {
        setMessage(error, "a row of table '" + table.name + "' has another number of cells");
        return sy_status{SY_INVALID_ARGUMENT};
      }
      std::vector<Cell>& row = table.rows.emplace_back();
      for (std::uint32_t i = 0; i < count; ++i)
        row.push_back(cell(cells[i]));
      return sy_status{SY_OK};
    };
    m_table.headline = [](void* context, const sy_headline* from, sy_error*) {
      Headline& to = self(context).headlines.emplace_back();
      to.name = from->name;
      to.title = text(from->title);
      to.value = cell(from->value);
      to.unit = text(from->unit);
      if (from->has_interval != 0)
        to.interval = {from->interval.low, from->interval.high};
      to.level = from->level;
      to.note = text(from->note);
      return sy_status{SY_OK};
    };
    m_table.heatmap = [](void* context, const sy_figure* figure, const sy_heatmap* from,
                         sy_error*) {
      Heatmap to{axis(*from->x), axis(*from->y), {}, text(from->unit), std::nullopt, {}};
      to.values.assign(from->values, from->values + to.x.labels.size() * to.y.labels.size());
      if (from->has_neutral != 0)
        to.neutral = from->neutral;
      for (std::uint64_t i = 0; i < from->merge_count; ++i)
        to.merges.push_back({from->merges[i].left, from->merges[i].right, from->merges[i].height});
      return add(context, *figure, std::move(to));
    };
    m_table.chart = [](void* context, const sy_figure* figure, const sy_chart* from, sy_error*) {
      Chart to;
      to.kind = static_cast<ChartKind>(from->kind);
      to.xTitle = text(from->x_title);
      to.xUnit = text(from->x_unit);
      to.yTitle = text(from->y_title);
      to.yUnit = text(from->y_unit);
      to.categories = strings(from->categories, from->category_count);
      for (std::uint32_t i = 0; i < from->series_count; ++i)
        to.series.push_back(series(*from->series[i]));
      if (from->has_reference != 0)
        to.reference = from->reference;
      to.referenceLabel = text(from->reference_label);
      return add(context, *figure, std::move(to));
    };
    m_table.flow = [](void* context, const sy_figure* figure, const sy_flow* from, sy_error*) {
      Flow to;
      to.unit = text(from->unit);
      for (std::uint32_t i = 0; i < from->node_count; ++i)
        to.nodes.push_back({from->labels[i], from->columns[i]});
      for (std::uint64_t i = 0; i < from->link_count; ++i)
        to.links.push_back({from->from[i], from->to[i], from->amounts[i]});
      return add(context, *figure, std::move(to));
    };
    m_table.finding = [](void* context, const char* sentence, sy_error*) {
      self(context).findings.emplace_back(sentence);
      return sy_status{SY_OK};
    };
    m_table.warning = [](void* context, const char* sentence, sy_error*) {
      self(context).warnings.emplace_back(sentence);
      return sy_status{SY_OK};
    };
    m_table.provenance = [](void* context, const sy_provenance* from, sy_error*) {
      self(context).formula = text(from->formula);
      self(context).filter = text(from->filter);
      return sy_status{SY_OK};
    };
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  const sy_result* table() const { return &m_table; }
  const Result& result() const { return m_result; }

private:
  static Result& self(void* context) { return static_cast<Collector*>(context)->m_result; }
  static std::string text(const char* from) { return from == nullptr ? "" : from; }
  static std::vector<std::string> strings(const char* const* from, std::uint64_t count) {
    return {from, from + count};
  }
  static Axis axis(const sy_axis& from) {
    return {text(from.title), strings(from.labels, from.count)};
  }
  static Cell cell(const sy_cell& from) {
    switch (from.type) {
    case SY_CELL_INTEGER:
      return from.value.integer;
    case SY_CELL_NUMBER:
      return from.value.number;
    case SY_CELL_TEXT:
      return std::string(from.value.text);
    default:
      return {};
    }
  }
  static Series series(const sy_series& from) {
    Series to;
    to.name = text(from.name);
    if (from.x != nullptr)
      to.x.assign(from.x, from.x + from.count);
    to.y.assign(from.y, from.y + from.count);
    for (std::uint32_t i = 0; from.intervals != nullptr && i < from.count; ++i)
      to.intervals.emplace_back(from.intervals[i].low, from.intervals[i].high);
    if (from.labels != nullptr)
      to.labels = strings(from.labels, from.count);
    return to;
  }
  template <typename Content>
  static sy_status add(void* context, const sy_figure& figure, Content content) {
    self(context).figures.push_back(
        {figure.name, text(figure.title), text(figure.note), std::move(content)});
    return SY_OK;
  }

  sy_result m_table{};
  Result m_result;
};

SY_SDK_NAMESPACE_END
