#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <QStringList>

#include "app/studio/document/selection.h"
#include "app/studio/figures/heatmap_spec.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// One number for each expert of each layer, taken from a result.
struct ExpertMetric {
  QString id;    ///< "load/load_experts/lift", "specialization/labels/share/label=ru"
  QString title; ///< "load", "share, label ru"
  QString unit;
  ValueFormat format = ValueFormat::Plain;
  DomainRule rule = DomainRule::Range;
  std::optional<double> neutral;
  std::vector<double> values; ///< [layers * experts] of the grid, NaN = none
  /// The same with 95 % intervals, where the table has columns "share_low" and "share_high"; or
  /// empty.
  std::vector<std::pair<double, double>> intervals;
};

/// The layers and experts that a trace's results speak of.
struct ExpertGrid {
  std::vector<int> layers;  ///< positions in the stack, ascending
  int experts = 0;          ///< of the widest layer
  int row(int layer) const; ///< -1: no such layer
};

/// From all tables with the columns "layer" and "expert", and all heatmaps of layers by experts.
/// A table that lists an expert once for each of a text column's few values ("label", "item") gives
/// one metric for each value; a table that lists it more often gives none.
std::vector<ExpertMetric> expertMetrics(const std::string& plugin,
                                        const trace::AnalysisResult& result,
                                        const ExpertGrid& grid);

/// Index of a column; -1: none.
int columnOf(const trace::Table& table, const std::string& name);
/// A table of a result by name; null: none.
const trace::Table* tableOf(const trace::AnalysisResult& result, const std::string& name);
const trace::Figure* figureOf(const trace::AnalysisResult& result, const std::string& name);
/// A cell as a number; NaN if it is none.
double numberOf(const trace::Cell& cell);
std::string textOf(const trace::Cell& cell); ///< empty if it is no text

} // namespace switchyard::studio
