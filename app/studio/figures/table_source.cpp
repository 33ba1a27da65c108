#include "app/studio/figures/table_source.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "analyzers/report/csv.h"

namespace switchyard::studio {

namespace {

trace::Cell numberCell(double value) {
  return std::isfinite(value) ? trace::Cell(value) : trace::Cell();
}

class ResultSource final : public TableSource {
public:
  ResultSource(std::shared_ptr<const void> owner, const trace::Table& table)
      : m_owner(std::move(owner)), m_table(table) {}
  std::int64_t rows() const override { return static_cast<std::int64_t>(m_table.rows.size()); }
  const std::vector<trace::Column>& columns() const override { return m_table.columns; }
  trace::Cell cell(std::int64_t row, int column) const override {
    const auto& cells = m_table.rows[static_cast<std::size_t>(row)];
    return static_cast<std::size_t>(column) < cells.size() ? cells[static_cast<std::size_t>(column)]
                                                           : trace::Cell();
  }

private:
  std::shared_ptr<const void> m_owner;
  const trace::Table& m_table;
};

/// A label as a number where it is one, so that 9 comes before 10.
trace::Cell labelCell(const QString& label) {
  bool isNumber = false;
  const qlonglong number = label.toLongLong(&isNumber);
  return isNumber ? trace::Cell(static_cast<std::int64_t>(number))
                  : trace::Cell(label.toStdString());
}

class HeatmapSource final : public TableSource {
public:
  explicit HeatmapSource(std::shared_ptr<const HeatmapData> data) : m_data(std::move(data)) {
    const HeatmapSpec& spec = m_data->spec;
    const auto named = [](const QString& title, const char* fallback) {
      return title.isEmpty() ? std::string(fallback) : title.toStdString();
    };
    m_columns = {{named(spec.rowTitle, "row"), "", ""},
                 {named(spec.columnTitle, "column"), "", ""},
                 {named(spec.measure, "value"),
                  spec.measure == spec.unit ? "" : spec.unit.toStdString(), ""}};
    if (!spec.intervals.empty()) {
      m_columns.push_back({"low", spec.unit.toStdString(), "Lower end of the 95 % interval."});
      m_columns.push_back({"high", spec.unit.toStdString(), "Upper end of the 95 % interval."});
    }
    if (!spec.counts.empty())
      m_columns.push_back({"n", "tokens", "Tokens behind the value."});
  }
  std::int64_t rows() const override {
    return static_cast<std::int64_t>(m_data->spec.values.size());
  }
  const std::vector<trace::Column>& columns() const override { return m_columns; }
  trace::Cell cell(std::int64_t row, int column) const override {
    const HeatmapSpec& spec = m_data->spec;
    const auto item = static_cast<std::size_t>(row);
    switch (column) {
    case 0:
      return labelCell(spec.rowLabels.at(static_cast<qsizetype>(row / m_data->columns)));
    case 1:
      return labelCell(spec.columnLabels.at(static_cast<qsizetype>(row % m_data->columns)));
    case 2:
      return numberCell(spec.values[item]);
    default:
      break;
    }
    if (!spec.intervals.empty() && column < 5)
      return numberCell(column == 3 ? spec.intervals[item].first : spec.intervals[item].second);
    return trace::Cell(spec.counts[item]);
  }

private:
  std::shared_ptr<const HeatmapData> m_data;
  std::vector<trace::Column> m_columns;
};

trace::Table chartTable(const ChartSpec& chart) {
  trace::Table table;
  const bool categories = chart.look == ChartLook::Bar || chart.look == ChartLook::Dots;
  const bool intervals =
      std::ranges::any_of(chart.series, [](const ChartSeries& s) { return !s.intervals.empty(); });
  table.columns = {{"series", "", ""},
                   {chart.xTitle.isEmpty() ? "x" : chart.xTitle.toStdString(), "", ""},
                   {chart.yTitle.isEmpty() ? "y" : chart.yTitle.toStdString(), "", ""}};
  if (intervals) {
    table.columns.push_back({"low", "", ""});
    table.columns.push_back({"high", "", ""});
  }
  for (const ChartSeries& series : chart.series)
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const auto at = static_cast<qsizetype>(i);
      std::vector<trace::Cell> row = {trace::Cell(series.name.toStdString()),
                                      categories ? labelCell(chart.categories.value(at))
                                      : at < series.labels.size() ? labelCell(series.labels.at(at))
                                                                  : numberCell(series.x[i]),
                                      numberCell(series.y[i])};
      if (intervals) {
        const bool has = i < series.intervals.size();
        row.push_back(has ? numberCell(series.intervals[i].first) : trace::Cell());
        row.push_back(has ? numberCell(series.intervals[i].second) : trace::Cell());
      }
      table.rows.push_back(std::move(row));
    }
  return table;
}

trace::Table flowTable(const FlowSpec& spec) {
  trace::Table table;
  table.columns = {{"from", "", ""}, {"to", "", ""}, {"amount", spec.flow.unit, ""}};
  const auto name = [&](int node) {
    return node >= 0 && node < static_cast<int>(spec.flow.nodes.size())
               ? trace::Cell(spec.flow.nodes[static_cast<std::size_t>(node)].label)
               : trace::Cell();
  };
  for (const trace::Flow::Link& link : spec.flow.links)
    table.rows.push_back({name(link.from), name(link.to), numberCell(link.amount)});
  return table;
}

/// What a cell is compared by: numbers before texts before nothing.
struct SortKey {
  int kind = 2;
  double number = 0;
  std::string text;
};

SortKey keyOf(trace::Cell cell) {
  if (const auto* count = std::get_if<std::int64_t>(&cell))
    return {0, static_cast<double>(*count), {}};
  if (const auto* number = std::get_if<double>(&cell); number && !std::isnan(*number))
    return {0, *number, {}};
  if (auto* text = std::get_if<std::string>(&cell))
    return {1, 0, std::move(*text)};
  return {};
}

} // namespace

std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const void> owner,
                                               const trace::Table& table) {
  return std::make_shared<ResultSource>(std::move(owner), table);
}

std::shared_ptr<const TableSource> tableSource(trace::Table table) {
  auto owner = std::make_shared<const trace::Table>(std::move(table));
  return tableSource(owner, *owner);
}

std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const HeatmapData> heatmap) {
  return std::make_shared<HeatmapSource>(std::move(heatmap));
}

std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const ChartSpec> chart) {
  return tableSource(chartTable(*chart));
}

std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const FlowSpec> flow) {
  return tableSource(flowTable(*flow));
}

std::vector<std::uint32_t> sortedRows(const TableSource& source, int column, bool ascending,
                                      const std::atomic<bool>* stop) {
  const auto rows =
      static_cast<std::size_t>(std::clamp<std::int64_t>(source.rows(), 0, 0xFFFFFFFF));
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  if (column < 0 || column >= static_cast<int>(source.columns().size()))
    return order;
  // Nearly every column is numbers alone: then the keys are doubles, sorted without strings.
  std::vector<double> numbers(rows);
  std::vector<SortKey> keys;
  for (std::size_t row = 0; row < rows; ++row) {
    if (stop && (row & 0xFFFF) == 0 && stop->load())
      return order;
    SortKey key = keyOf(source.cell(static_cast<std::int64_t>(row), column));
    if (keys.empty() && key.kind != 1) {
      numbers[row] = key.kind == 0 ? key.number : std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    if (keys.empty()) {
      keys.resize(rows);
      for (std::size_t i = 0; i < row; ++i)
        keys[i] = {std::isnan(numbers[i]) ? 2 : 0, numbers[i], {}};
    }
    keys[row] = std::move(key);
  }
  if (keys.empty()) {
    std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
      const double x = numbers[a], y = numbers[b];
      if (std::isnan(x) || std::isnan(y))
        return !std::isnan(x) && std::isnan(y);
      return ascending ? x < y : x > y;
    });
    return order;
  }
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const SortKey &x = keys[a], &y = keys[b];
    if (x.kind == 2 || y.kind == 2)
      return x.kind != 2 && y.kind == 2;
    const auto less = [](const SortKey& l, const SortKey& r) {
      return std::tie(l.kind, l.number, l.text) < std::tie(r.kind, r.number, r.text);
    };
    return ascending ? less(x, y) : less(y, x);
  });
  return order;
}

std::string toCsv(const TableSource& source, const std::vector<std::uint32_t>& order) {
  constexpr std::int64_t kPiece = 8192;
  const std::int64_t rows = order.empty() ? source.rows() : static_cast<std::int64_t>(order.size());
  trace::Table piece;
  piece.columns = source.columns();
  std::string csv = analyzers::report::toCsv(piece);
  const std::size_t header = csv.size();
  for (std::int64_t first = 0; first < rows; first += kPiece) {
    piece.rows.clear();
    for (std::int64_t i = first; i < std::min(first + kPiece, rows); ++i) {
      const std::int64_t row = order.empty() ? i : order[static_cast<std::size_t>(i)];
      std::vector<trace::Cell>& cells = piece.rows.emplace_back();
      for (int column = 0; column < static_cast<int>(piece.columns.size()); ++column)
        cells.push_back(source.cell(row, column));
    }
    csv += std::string_view(analyzers::report::toCsv(piece)).substr(header);
  }
  return csv;
}

} // namespace switchyard::studio
