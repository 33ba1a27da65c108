#include "core/plugin/result_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include <fmt/format.h>

#include "core/plugin/status.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

/// Ends the building of one piece; caught where the C function returns.
struct RefusalSignal {
  sy_status status;
  std::string message;
};

} // namespace

template <typename Body> sy_status ResultBuilder::run(void* context, sy_error* error, Body&& body) {
  auto& self = *static_cast<ResultBuilder*>(context);
  base::Error refused;
  try {
    body(self);
    return SY_OK;
  } catch (const RefusalSignal& refusal) {
    refused = {codeOf(refusal.status), refusal.message, {}};
  } catch (const std::bad_alloc&) {
    refused = {base::ErrorCode::LimitExceeded, "the host has no memory for the result", {}};
  }
  if (!self.m_refusal)
    self.m_refusal = refused;
  return giveError(error, refused);
}

void ResultBuilder::refuse(std::string message, sy_status status) {
  throw RefusalSignal{status, "result: " + std::move(message)};
}

void ResultBuilder::requirePointer(const void* pointer, std::uint64_t count,
                                   const std::string& what) {
  if (pointer == nullptr && count > 0)
    refuse(what + " is null");
}

ResultBuilder::ResultBuilder() {
  m_table.struct_size = sizeof(m_table);
  m_table.context = this;
  m_table.table = [](void* context, const char* name, const char* title, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) { self.addTable(name, title); });
  };
  m_table.column = [](void* context, const char* name, const char* unit, const char* help,
                      sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) { self.addColumn(name, unit, help); });
  };
  m_table.row = [](void* context, const sy_cell* cells, std::uint32_t count, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) { self.addRow(cells, count); });
  };
  m_table.headline = [](void* context, const sy_headline* headline, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      requireStruct(headline, "a headline");
      self.addHeadline(*headline);
    });
  };
  m_table.heatmap = [](void* context, const sy_figure* figure, const sy_heatmap* heatmap,
                       sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      requireStruct(figure, "a figure");
      requireStruct(heatmap, "a heatmap");
      self.addHeatmap(*figure, *heatmap);
    });
  };
  m_table.chart = [](void* context, const sy_figure* figure, const sy_chart* chart,
                     sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      requireStruct(figure, "a figure");
      requireStruct(chart, "a chart");
      self.addChart(*figure, *chart);
    });
  };
  m_table.flow = [](void* context, const sy_figure* figure, const sy_flow* flow, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      requireStruct(figure, "a figure");
      requireStruct(flow, "a flow");
      self.addFlow(*figure, *flow);
    });
  };
  m_table.finding = [](void* context, const char* sentence, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      self.countPiece();
      self.m_result.findings.push_back(self.text(sentence));
    });
  };
  m_table.warning = [](void* context, const char* sentence, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      self.countPiece();
      self.m_result.warnings.push_back(self.text(sentence));
    });
  };
  m_table.provenance = [](void* context, const sy_provenance* provenance, sy_error* error) {
    return run(context, error, [&](ResultBuilder& self) {
      requireStruct(provenance, "the provenance");
      self.m_result.provenance.formula = self.text(provenance->formula);
      self.m_result.provenance.filter = self.text(provenance->filter);
    });
  };
}

base::Result<trace::AnalysisResult> ResultBuilder::take() {
  if (m_refusal)
    return tl::unexpected(*m_refusal);
  for (const auto& [place, count] : m_notFinite)
    m_result.warnings.push_back(fmt::format("{}: {} {} not finite; shown as undefined", place,
                                            count, count == 1 ? "value" : "values"));
  m_notFinite.clear();
  return std::exchange(m_result, {});
}

std::string ResultBuilder::text(const char* foreign) {
  std::string out = foreignText(foreign, kMaxOneText);
  m_textBytes += out.size();
  if (m_textBytes > kMaxTextBytes)
    refuse("more text than the host keeps", SY_LIMIT_EXCEEDED);
  return out;
}

std::string ResultBuilder::fileName(const char* foreign, const char* what) {
  std::string out = text(foreign);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (out.empty() || out.size() > 128 || out.front() == '.' || !std::ranges::all_of(out, allowed))
    refuse(fmt::format("{} name '{}' must be 1 to 128 of letters, digits, '_', '-', '.'", what,
                       out.substr(0, 128)));
  return out;
}

void ResultBuilder::countCells(std::uint64_t count) {
  if (count > kMaxCells || (m_cells += count) > kMaxCells)
    refuse(fmt::format("more than {} values", kMaxCells), SY_LIMIT_EXCEEDED);
}

void ResultBuilder::countPiece() {
  if (++m_pieces > kMaxPieces)
    refuse(fmt::format("more than {} tables, figures and sentences", kMaxPieces),
           SY_LIMIT_EXCEEDED);
}

double ResultBuilder::finiteOrNan(double value, const std::string& place) {
  if (std::isfinite(value))
    return value;
  ++m_notFinite[place];
  return std::numeric_limits<double>::quiet_NaN();
}

trace::Cell ResultBuilder::cell(const sy_cell& value, const std::string& place) {
  switch (value.type) {
  case SY_CELL_UNDEFINED:
    return {};
  case SY_CELL_INTEGER:
    return value.value.integer;
  case SY_CELL_NUMBER:
    if (const double number = finiteOrNan(value.value.number, place); !std::isnan(number))
      return number;
    return {};
  case SY_CELL_TEXT:
    return text(value.value.text);
  default:
    refuse(fmt::format("{} has a cell of unknown type {}", place, value.type));
  }
}

void ResultBuilder::addTable(const char* name, const char* title) {
  countPiece();
  trace::Table table{fileName(name, "table"), text(title), {}, {}};
  if (!m_tableNames.insert(table.name).second)
    refuse(fmt::format("table '{}' is there twice", table.name));
  m_result.tables.push_back(std::move(table));
  m_columnPlaces.clear();
}

void ResultBuilder::addColumn(const char* name, const char* unit, const char* help) {
  if (m_result.tables.empty())
    refuse("a column before any table");
  trace::Table& table = m_result.tables.back();
  if (!table.rows.empty())
    refuse(fmt::format("table '{}' gets a column after rows", table.name));
  countCells(1);
  trace::Column column{fileName(name, "column"), text(unit), text(help)};
  if (std::ranges::find(table.columns, column.name, &trace::Column::name) != table.columns.end())
    refuse(fmt::format("table '{}' has column '{}' twice", table.name, column.name));
  m_columnPlaces.push_back(fmt::format("table '{}', column '{}'", table.name, column.name));
  table.columns.push_back(std::move(column));
}

void ResultBuilder::addRow(const sy_cell* cells, std::uint32_t count) {
  if (m_result.tables.empty())
    refuse("a row before any table");
  trace::Table& table = m_result.tables.back();
  if (count != table.columns.size())
    refuse(fmt::format("table '{}' has {} columns, a row of it {} cells", table.name,
                       table.columns.size(), count));
  requirePointer(cells, count, "a row");
  countCells(count);
  std::vector<trace::Cell> row;
  row.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    row.push_back(cell(cells[i], m_columnPlaces[i]));
  table.rows.push_back(std::move(row));
}

void ResultBuilder::addHeadline(const sy_headline& from) {
  countPiece();
  trace::Headline headline;
  headline.name = fileName(from.name, "headline");
  if (!m_headlineNames.insert(headline.name).second)
    refuse(fmt::format("headline '{}' is there twice", headline.name));
  const std::string place = fmt::format("headline '{}'", headline.name);
  headline.title = text(from.title);
  headline.value = cell(from.value, place);
  headline.unit = text(from.unit);
  headline.note = text(from.note);
  if (from.has_interval != 0) {
    const double low = finiteOrNan(from.interval.low, place);
    const double high = finiteOrNan(from.interval.high, place);
    if (!std::isnan(low) && !std::isnan(high)) {
      if (low > high || !(from.level > 0 && from.level < 1))
        refuse(fmt::format("{} has an interval from {} to {} at level {}", place, low, high,
                           from.level));
      headline.interval = {low, high};
      headline.level = from.level;
    }
  }
  m_result.headlines.push_back(std::move(headline));
}

} // namespace switchyard::plugin
