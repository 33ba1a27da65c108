#pragma once

#include "analyzers/report/scale.h"
#include "app/studio/figures/chart_spec.h"
#include "app/studio/figures/scene.h"

namespace switchyard::studio {

/// Bars, lines, clouds of points and dot plots, with axes, intervals, reference and direct labels.
class ChartScene final : public FigureScene {
public:
  explicit ChartScene(ChartSpec spec);

  const ChartSpec& spec() const { return m_spec; }
  QString title() const override { return m_spec.title; }
  QString headline() const override;
  void layout(const QSizeF& size, double devicePixelRatio) override;
  void paint(QPainter& painter, PaintTarget target) const override;
  int items() const override { return m_items; }
  int itemAt(const QPointF& at) const override;
  QRectF itemRect(int item) const override;
  QStringList describe(int item) const override;
  QString spoken(int item) const override;
  QString valueOf(int item) const override;
  std::vector<std::pair<QString, QString>> facts(int item) const override;
  int neighbour(int item, int right, int down) const override;
  int tableRows() const override;
  int tableColumns() const override { return static_cast<int>(m_spec.series.size()); }
  int tableItem(int row, int column) const override;
  void tablePlace(int item, int& row, int& column) const override;
  QString tableRowName(int row) const override;
  QString tableColumnName(int column) const override;
  bool zoom(double factor, const QPointF& at) override;
  bool pan(const QPointF& pixels) override;
  bool fit() override;
  bool isZoomed() const override { return m_low != m_fullLow || m_high != m_fullHigh; }

  /// The colour of a series: categorical for up to eight, else along the sequential map.
  QColor seriesColor(int series) const;
  /// Height that all categories of a dot plot need; 0 for the other looks.
  double wantedHeight() const;

private:
  struct Place {
    int series = 0;
    int point = 0;
  };
  Place placeOf(int item) const;
  int itemOf(int series, int point) const {
    return m_first[static_cast<std::size_t>(series)] + point;
  }
  bool isDots() const { return m_spec.look == ChartLook::Dots; }
  bool isBar() const { return m_spec.look == ChartLook::Bar; }
  QPointF at(double x, double y) const; ///< pixels of a data point
  QString pointName(const Place& place) const;
  void measure();
  void paintAxes(QPainter& painter) const;
  void paintCategories(QPainter& painter) const;
  void paintReference(QPainter& painter) const;
  void paintBars(QPainter& painter) const;
  void paintLine(QPainter& painter, int series) const;
  void paintPoints(QPainter& painter, int series) const;
  void paintLabels(QPainter& painter) const;

  ChartSpec m_spec;
  std::vector<int> m_first; ///< first item of each series
  int m_items = 0;
  double m_fullLow = 0, m_fullHigh = 1;   ///< of x (categories of Dots), whole
  double m_low = 0, m_high = 1;           ///< shown
  analyzers::report::LinearScale m_value; ///< of y; pixels set by layout()
  QRectF m_plot;
  double m_legendHeight = 0;
};

} // namespace switchyard::studio
