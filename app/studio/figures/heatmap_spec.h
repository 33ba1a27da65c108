#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <QStringList>

#include "app/studio/figures/color_domain.h"
#include "app/studio/figures/grid_pyramid.h"
#include "app/studio/figures/value_text.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// A column of numbers right of the rows.
struct HeatmapGutter {
  QString title;
  std::vector<double> values; ///< [rows], NaN = none
};

/// A heatmap or matrix as it is to be drawn. Cells are numbered row * columns + column in the order
/// of the data ("items"); `order` says at which place of its row each is shown.
struct HeatmapSpec {
  QString title;
  QString measure; ///< "load": in hover and speech
  QString rowTitle, columnTitle;
  QStringList rowLabels, columnLabels;
  /// Short names in cells and on the column axis ("19"); empty: columnLabels.
  QStringList columnTicks;
  std::vector<double> values; ///< [rows * columns], NaN = no data
  QString unit;
  ValueFormat format = ValueFormat::Plain;
  ColorDomain domain;
  std::optional<double> chance;
  /// Source column at each place: empty = as given, [columns] for all rows, or [rows * columns].
  std::vector<int> order;
  bool numbers = false;    ///< column tick inside each cell (where the order differs by row)
  bool cellValues = false; ///< value inside each cell
  bool matrix = false;     ///< square cells, column labels above, tree at the left
  Binning binning = Binning::Maximum;
  std::vector<std::pair<double, double>> intervals; ///< per item, or empty
  std::vector<std::uint8_t> dots;                   ///< per item: interval contains chance or 0
  std::vector<std::uint8_t> filtered;               ///< per item: left out by the view's filter
  std::vector<std::int64_t> counts;                 ///< per item: n behind the value, or empty
  std::int64_t total = 0;                           ///< tokens that n is out of
  std::vector<int> strip;     ///< per item: category under the cell, -1 = none
  QStringList stripNames;     ///< of the categories
  std::vector<int> rowGroups; ///< per row: category of the square beside its label, or empty
  std::vector<HeatmapGutter> gutters;
  /// Of places: one for all rows (drawn above, or at the left of a matrix), or one for each row.
  std::vector<std::vector<trace::DendrogramMerge>> trees;
  QString dotMeaning;    ///< "interval contains chance"
  QString noDataMeaning; ///< of the hatch, "not defined"; empty: no data
  QString origin;        ///< last hover line: rule or formula, trace
  /// Name of an item; empty: row and column label.
  std::function<QString(int)> name;
};

/// A spec made ready to be drawn: immutable, shared between job and window.
struct HeatmapData {
  HeatmapSpec spec;
  int rows = 0;
  int columns = 0;
  GridPyramid pyramid;      ///< values in the order shown
  std::vector<int> placeOf; ///< of each item in its row; empty: as given
  bool hasNoData = false;

  int items() const { return rows * columns; }
  int itemAtPlace(int row, int place) const;
  int place(int item) const;
  QString name(int item) const;
  /// 1 = largest of its row; 0 for no data.
  int rankInRow(int item) const;
};

/// Checks sizes (what does not fit is dropped) and builds the pyramid. Pure; any thread.
std::shared_ptr<const HeatmapData> prepareHeatmap(HeatmapSpec spec);

/// A figure of a result, with domain and format by its unit.
HeatmapSpec heatmapSpec(const trace::Figure& figure, const trace::Heatmap& map);

} // namespace switchyard::studio
