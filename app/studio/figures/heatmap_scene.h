#pragma once

#include <memory>
#include <optional>

#include "app/studio/figures/dendrogram.h"
#include "app/studio/figures/heatmap_image.h"
#include "app/studio/figures/heatmap_spec.h"
#include "app/studio/figures/scene.h"

namespace switchyard::studio {

/// Heatmaps and matrices: cells with axes, trees, strips, gutters, at any level of detail.
class HeatmapScene final : public FigureScene {
public:
  explicit HeatmapScene(std::shared_ptr<const HeatmapData> data);

  /// New values (another metric, filter or order): keeps the zoom if the shape is the same.
  void setData(std::shared_ptr<const HeatmapData> data);
  const HeatmapData& data() const { return *m_data; }
  /// The last setData() put cells at other places of their rows, and there are few enough of them
  /// to slide there: at most 2 000, none shared.
  bool canSlide() const;
  /// How far they have come, 0 to 1; 1: at rest. Hits and rectangles are those at rest.
  void setSlide(double progress) { m_slide = progress; }
  void setDomain(const ColorDomain& domain) { m_domain = domain; }
  const ColorDomain& domain() const { return m_domain; }
  void setBinning(Binning binning) { m_binning = binning; }
  Binning binning() const { return m_binning; }

  QString title() const override { return m_data->spec.title; }
  QString headline() const override;
  QString detailNote() const override;
  void layout(const QSizeF& size, double devicePixelRatio) override;
  void paint(QPainter& painter, PaintTarget target) const override;
  int items() const override { return m_data->rows * m_data->columns; }
  int itemAt(const QPointF& at) const override;
  QRectF itemRect(int item) const override;
  QStringList describe(int item) const override;
  QString spoken(int item) const override;
  QString valueOf(int item) const override;
  std::vector<std::pair<QString, QString>> facts(int item) const override;
  std::vector<int> itemsIn(const QRectF& area) const override;
  int neighbour(int item, int right, int down) const override;
  int tableRows() const override { return m_data->rows; }
  int tableColumns() const override { return m_data->columns; }
  int tableItem(int row, int column) const override { return m_data->itemAtPlace(row, column); }
  void tablePlace(int item, int& row, int& column) const override;
  QString tableRowName(int row) const override;
  QString tableColumnName(int column) const override;
  bool zoom(double factor, const QPointF& at) override;
  bool pan(const QPointF& pixels) override;
  bool fit() override;
  bool zoomTo(int item) override;
  bool zoomAt(const QPointF& at) override;
  bool isZoomed() const override { return !m_columns.isWhole() || !m_rows.isWhole(); }

  /// Items of the leaves of the tree node at a point; empty: none there.
  std::vector<int> leavesAt(const QPointF& at) const;
  const QRectF& plot() const { return m_plot; }

private:
  void placePlot(const QSizeF& size);
  void placeCells();
  QRectF treeArea() const; ///< of the one tree of all rows; empty: none
  bool cutsTree() const;   ///< it is drawn as clusters
  QRectF drawnRect(int drawnRow, int drawnColumn) const;
  QRgb colourOf(double value) const;
  std::vector<std::uint8_t> drawnFilter() const;
  void paintCells(QPainter& painter, PaintTarget target) const;
  void paintCellRects(QPainter& painter) const;
  void paintSliding(QPainter& painter) const;
  void paintInside(QPainter& painter) const;
  void paintStrip(QPainter& painter) const;
  void paintStripKey(QPainter& painter) const;
  void paintAxes(QPainter& painter) const;
  void paintColumnAxis(QPainter& painter) const;
  void paintTrees(QPainter& painter) const;
  void paintGutters(QPainter& painter) const;

  std::shared_ptr<const HeatmapData> m_data;
  ColorDomain m_domain;
  Binning m_binning;
  CellWindow m_rows, m_columns; ///< places shown
  std::vector<DendrogramShape> m_trees;
  std::vector<int> m_from; ///< place of each item before the last setData(); empty: the same
  double m_slide = 1;

  double m_ratio = 1;
  QRectF m_plot; ///< of the cells, on whole logical pixels
  double m_leftTree = 0, m_topTree = 0, m_rowTree = 0, m_strip = 0;
  int m_rowBin = 1, m_columnBin = 1;
  GridRange m_range;
  DrawnGrid m_grid;
  std::vector<PixelSpan> m_rowSpans, m_columnSpans; ///< device pixels in the plot
};

} // namespace switchyard::studio
