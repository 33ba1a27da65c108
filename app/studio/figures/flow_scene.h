#pragma once

#include "app/studio/figures/scene.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// A flow as it is to be drawn.
struct FlowSpec {
  QString title;
  trace::Flow flow;
  QStringList columnTitles;     ///< "L4, 1st choice"; by order of column; may be empty
  double smallestShare = 0.004; ///< of a column's amount; smaller bands are folded into their nodes
  QString origin;
};

FlowSpec flowSpec(const trace::Figure& figure, const trace::Flow& flow);

/// Nodes in columns and bands between them. Items are the links of the data; those folded have no
/// place. Bands are quiet; highlighted nodes' bands carry the accent.
class FlowScene final : public FigureScene {
public:
  explicit FlowScene(FlowSpec spec);

  const FlowSpec& spec() const { return m_spec; }
  void setHighlight(std::vector<int> nodes) { m_highlight = std::move(nodes); } ///< ascending

  QString title() const override { return m_spec.title; }
  QString headline() const override;
  QString detailNote() const override;
  void layout(const QSizeF& size, double devicePixelRatio) override;
  void paint(QPainter& painter, PaintTarget target) const override;
  int items() const override { return static_cast<int>(m_spec.flow.links.size()); }
  int itemAt(const QPointF& at) const override;
  QRectF itemRect(int item) const override { return itemShape(item).boundingRect(); }
  QPainterPath itemShape(int item) const override;
  QStringList describe(int item) const override;
  QString spoken(int item) const override;
  QString valueOf(int item) const override;
  int neighbour(int item, int right, int down) const override;
  int tableRows() const override { return items(); }
  int tableColumns() const override { return 1; }
  int tableItem(int row, int column) const override {
    return column == 0 && row < items() ? row : -1;
  }
  void tablePlace(int item, int& row, int& column) const override { row = item, column = 0; }
  QString tableRowName(int row) const override;
  QString tableColumnName(int) const override;
  bool zoom(double factor, const QPointF& at) override;
  bool pan(const QPointF& pixels) override;
  bool fit() override { return m_window.fit(); }
  bool isZoomed() const override { return !m_window.isWhole(); }

private:
  struct Node {
    int column = 0; ///< by order, not by number
    double in = 0, out = 0;
    QRectF rect;
  };
  struct Band {
    bool valid = false, folded = true;
    double fromY = 0, toY = 0, height = 0;
  };
  double amount(const Node& node) const { return std::max(node.in, node.out); }

  FlowSpec m_spec;
  std::vector<Node> m_nodes;
  std::vector<Band> m_bands;
  std::vector<double> m_columnTotals;
  std::vector<std::vector<int>> m_columns; ///< nodes by column
  std::vector<int> m_highlight;
  CellWindow m_window; ///< columns shown
  int m_folded = 0;
  QRectF m_plot;
};

} // namespace switchyard::studio
