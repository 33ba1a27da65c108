#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "app/studio/figures/chart_spec.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_spec.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// Rows under named columns, made on demand: a result's table, or the numbers behind a figure (then
/// row i is item i). Immutable; read from any thread.
class TableSource {
public:
  virtual ~TableSource() = default;
  virtual std::int64_t rows() const = 0;
  virtual const std::vector<trace::Column>& columns() const = 0;
  virtual trace::Cell cell(std::int64_t row, int column) const = 0;
};

/// `table` lives as long as `owner`.
std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const void> owner,
                                               const trace::Table& table);
std::shared_ptr<const TableSource> tableSource(trace::Table table);
/// Columns: row, column, value, and interval and n where there are any.
std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const HeatmapData> heatmap);
/// Columns: series, x or category, y, and the interval where there is one.
std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const ChartSpec> chart);
/// Columns: from, to, amount.
std::shared_ptr<const TableSource> tableSource(std::shared_ptr<const FlowSpec> flow);

/// The rows in the order of one column: numbers by value, then texts, undefined ones last either
/// way; equal ones keep their order. Ends early with what it has when `stop` becomes true.
std::vector<std::uint32_t> sortedRows(const TableSource& source, int column, bool ascending,
                                      const std::atomic<bool>* stop = nullptr);

/// All rows as CSV (analyzers/report/csv.h), in pieces so that figures of millions of cells do not
/// become tables of cells first. order: rows to write; empty: all.
std::string toCsv(const TableSource& source, const std::vector<std::uint32_t>& order = {});

} // namespace switchyard::studio
