#pragma once

#include <utility>
#include <vector>

#include <QPainter>
#include <QPainterPath>
#include <QRectF>
#include <QStringList>

namespace switchyard::studio {

/// What a scene is painted on: pixels of a window, or a file that keeps shapes (SVG, PDF).
enum class PaintTarget { Screen, Vector };

/// A figure as something to lay out, paint and ask: what is here, what is it called, where is it.
/// Items are numbered 0..items()-1 (cells, points, bands), independent of order and zoom. Widgets,
/// exports and accessibility all use this. Colours come from the theme at paint time. GUI thread.
class FigureScene {
public:
  virtual ~FigureScene() = default;

  virtual QString title() const = 0;
  /// One sentence that says the most telling thing, for readers who do not see the figure.
  virtual QString headline() const = 0;
  /// What level of detail is shown, for the header: "1 column = 3 experts, maximum"; may be empty.
  virtual QString detailNote() const { return {}; }

  /// Places everything in [0, size); devicePixelRatio: for edges on device pixels.
  virtual void layout(const QSizeF& size, double devicePixelRatio) = 0;
  virtual void paint(QPainter& painter, PaintTarget target) const = 0;

  virtual int items() const = 0;
  virtual int itemAt(const QPointF& at) const = 0;  ///< -1: none
  virtual QRectF itemRect(int item) const = 0;      ///< empty: not visible now
  virtual QPainterPath itemShape(int item) const;   ///< what selection and hover outline
  virtual QStringList describe(int item) const = 0; ///< at most 6 lines, the first is a name
  virtual QString spoken(int item) const = 0;       ///< "L5 E19, load 0.24"
  virtual QString valueOf(int item) const = 0;      ///< for Copy value
  QString nameOf(int item) const;                   ///< "L5 E19"
  /// Everything known of an item as label and value, for the inspector; a value may be empty.
  virtual std::vector<std::pair<QString, QString>> facts(int item) const;
  virtual std::vector<int> itemsIn(const QRectF& area) const;
  /// The item one step right/down (+1) or left/up (-1) of this one as shown; itself at the edge.
  /// -1 as input: the first item.
  virtual int neighbour(int item, int right, int down) const = 0;

  // The figure as a table, for accessibility.
  virtual int tableRows() const = 0;
  virtual int tableColumns() const = 0;
  virtual int tableItem(int row, int column) const = 0; ///< -1: empty
  virtual void tablePlace(int item, int& row, int& column) const = 0;
  virtual QString tableRowName(int row) const = 0;
  virtual QString tableColumnName(int column) const = 0;

  // Zoom; each returns whether something changed (layout() is due then).
  virtual bool zoom(double, const QPointF&) { return false; } ///< factor > 1: closer
  virtual bool pan(const QPointF&) { return false; }          ///< by logical pixels
  virtual bool fit() { return false; }
  virtual bool zoomTo(int) { return false; }
  virtual bool zoomAt(const QPointF&) { return false; } ///< to what is there beside the items
  virtual bool isZoomed() const { return false; }
};

/// A window over [0, size) on one axis of cells: whole cells only.
struct CellWindow {
  int size = 0;
  int first = 0;
  int count = 0;

  explicit CellWindow(int cells = 0) : size(cells), count(cells) {}
  bool fit();
  /// `at` in [0, 1] of the window stays where it is; at least `smallest` cells stay.
  bool zoom(double factor, double at, int smallest = 4);
  bool pan(double cells);
  bool show(int first, int count);
  bool isWhole() const { return count >= size; }
};

} // namespace switchyard::studio
