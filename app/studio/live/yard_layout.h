#pragma once

#include <optional>
#include <vector>

#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace switchyard::studio {

/// How much of the strands a row pitch has room for.
enum class StrandDetail {
  AllRanks,    ///< every choice joined to the next layer's of equal rank, curves
  FirstCurves, ///< first choices joined by curves, the others are stations
  FirstLines,  ///< and by lines
};

struct YardInput {
  QSizeF size{};    ///< of the canvas
  int layers = 0;   ///< MoE layers
  int experts = 0;  ///< of the widest layer
  double scale = 1; ///< of the user interface
  bool lens = true; ///< unfold one layer at the bottom where rows are low
  /// Experts shown of each layer, ascending; empty: all.
  std::vector<std::vector<int>> used{};
};

/// Where things of the yard are: rows are layers, columns experts. A value in logical pixels.
class YardLayout {
public:
  YardLayout() = default;
  explicit YardLayout(const YardInput& input);

  StrandDetail detail() const { return m_detail; }
  bool isCurved() const { return m_detail != StrandDetail::FirstLines; } ///< strands are curves
  int history() const { return m_detail == StrandDetail::AllRanks ? 16 : 8; }
  bool hasChips() const { return m_detail == StrandDetail::AllRanks; }
  bool usedOnly() const { return !m_input.used.empty(); }
  int layers() const { return m_input.layers; }
  int experts() const { return m_input.experts; }
  double pitch() const { return m_pitch; }
  double columnWidth() const { return m_columnWidth; } ///< all experts: of one column of the bed
  int expertsPerColumn() const { return m_perColumn; }
  int layersPerRow() const { return m_perRow; }
  int columns() const; ///< of the bed, all experts

  const QRectF& plot() const { return m_plot; } ///< the cells of all rows
  QRectF gutter() const;                        ///< right of the plot
  const QRectF& lens() const { return m_lens; } ///< empty: none
  double tickBaseline() const { return m_ticks; }
  QPointF topChip() const { return {m_plot.center().x(), m_topChip}; }
  QPointF bottomChip() const { return {m_plot.center().x(), m_bottomChip}; }

  QRectF rowRect(int layer) const; ///< the cells of one layer
  double rowCentre(int layer) const { return rowRect(layer).center().y(); }
  /// Centre of an expert's cell; binned columns keep sub-pixel places. Nothing for an expert that
  /// "used only" leaves out.
  std::optional<double> expertX(int layer, int expert) const;
  QRectF cell(int layer, int expert) const; ///< at least 3 wide; empty: not shown
  int layerAt(double y) const;              ///< -1: none
  int expertAt(int layer, double x) const;  ///< -1: none; the first one of a binned column
  /// Labels every 2^n so that at least 26 px lie between them.
  int expertLabelStep() const;
  int layerLabelStep() const;
  double gap() const; ///< between cells of a row

private:
  double usedWidth(int layer) const;

  YardInput m_input;
  StrandDetail m_detail = StrandDetail::AllRanks;
  double m_pitch = 0, m_cellHeight = 0, m_columnWidth = 0;
  double m_ticks = 0, m_topChip = 0, m_bottomChip = 0;
  int m_perColumn = 1, m_perRow = 1;
  QRectF m_plot, m_lens;
};

} // namespace switchyard::studio
