#pragma once

#include <memory>
#include <vector>

#include <QImage>
#include <QTimer>
#include <QVariantAnimation>
#include <QWidget>

#include "app/studio/figures/scene.h"

namespace switchyard::studio {

/// What is marked in a figure, by item. Views fill it from the session's selection.
struct FigureMarks {
  int primary = -1;
  std::vector<int> set{}; ///< ascending
  int pin = -1;
  int hover = -1;           ///< hovered in another view
  std::vector<int> group{}; ///< items outlined together: all cells of the primary expert
  friend bool operator==(const FigureMarks&, const FigureMarks&) = default;
};

/// A scene on screen: cached pixels, hover with at most six lines, selection, zoom and pan by mouse
/// and by call, accessible as a table. Knows items only; what they mean is the view's business.
class FigureWidget : public QWidget {
  Q_OBJECT
public:
  explicit FigureWidget(QWidget* parent = nullptr);
  ~FigureWidget() override;

  /// Takes a scene; null: empty. Marks stay.
  void setScene(std::unique_ptr<FigureScene> scene);
  FigureScene* scene() const { return m_scene.get(); }
  /// The scene was changed from outside (data, domain, highlight): lays out and paints anew.
  void refreshScene();
  /// The same, with cells that slide to their new places (160 ms; at once with reduced motion).
  void slideScene();
  bool isSliding() const { return m_slide.state() == QAbstractAnimation::Running; }

  void setMarks(const FigureMarks& marks);
  const FigureMarks& marks() const { return m_marks; }
  /// Nothing to draw yet: the hatch of no data over the place of the cells.
  void setPlaceholder(int rows, int columns);

  /// The item that the context menu, Copy value and Enter mean: the primary one.
  int currentItem() const { return m_marks.primary; }
  void moveCurrent(int right, int down, bool extend);
  void zoomBy(double factor);            ///< about the primary item, else the middle
  void panBy(double right, double down); ///< in quarters of the plot
  void fit();
  void zoomToCurrent();

  /// Paints scene and marks into `area` at its own layout, for files and printing.
  void paintInto(QPainter& painter, const QRectF& area, PaintTarget target);
  QSize sizeHint() const override { return {480, 320}; }
  QSize minimumSizeHint() const override { return {120, 90}; }

Q_SIGNALS:
  void itemClicked(int item, Qt::KeyboardModifiers modifiers);
  void itemsChosen(const std::vector<int>& items, bool add); ///< rectangle, range
  void itemActivated(int item);                              ///< double click, Enter
  void groundClicked(const QPointF& at, Qt::KeyboardModifiers modifiers);
  void hoverChanged(int item); ///< -1: none
  void menuRequested(int item, const QPoint& globalPosition);
  void sceneChanged(); ///< zoom or size: detail notes may differ

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void leaveEvent(QEvent* event) override;
  bool event(QEvent* event) override;

private:
  void relayout();
  void ensureImage();
  void paintMarks(QPainter& painter) const;
  void paintPlaceholder(QPainter& painter) const;
  void setHover(int item, const QPoint& globalPosition);
  void showTip();
  void changed(bool somethingChanged);

  std::unique_ptr<FigureScene> m_scene;
  FigureMarks m_marks;
  QImage m_image; ///< the scene without marks; null: to be painted
  bool m_needsLayout = true;
  int m_hover = -1;
  QPoint m_hoverAt;
  QTimer m_tipDelay;
  QVariantAnimation m_slide;
  QPointF m_pressed, m_dragged;
  enum class Drag { None, Maybe, Rectangle, Pan } m_drag = Drag::None;
  int m_anchor = -1; ///< where a range starts
  int m_placeholderRows = 0, m_placeholderColumns = 0;
};

} // namespace switchyard::studio
