#pragma once

#include <QListView>
#include <QStyledItemDelegate>

namespace switchyard::studio {

/// Rows whose order is the user's: drag or Alt+Up and Alt+Down move the current one, Delete removes
/// it. The document moves and removes; the list only asks.
class ReorderList : public QListView {
  Q_OBJECT
public:
  explicit ReorderList(QWidget* parent = nullptr);

  /// The current row goes up (-1) or down (1), if it can.
  virtual void moveCurrent(int by) = 0;
  virtual void removeCurrent() = 0;

protected:
  /// The row `from` was dropped and is to become row `to`.
  virtual void moveRow(int from, int to) = 0;
  void keyPressEvent(QKeyEvent* event) override;
  void dropEvent(QDropEvent* event) override;
};

/// What rows of a ReorderList share: ground, grip, and a line of text over a smaller one.
class ReorderDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
  struct Lines {
    QString above, below;
    QColor aboveColor, belowColor;
    double left = 0, right = 0; ///< logical pixels kept free at either side
  };
  /// Ground, line below the row, and grip.
  static void paintRow(QPainter& painter, const QStyleOptionViewItem& option);
  static void paintLines(QPainter& painter, const QRect& row, const Lines& lines);
  /// An icon that begins at `left` logical pixels, in the middle of the row's height.
  static void paintGlyph(QPainter& painter, const QRect& row, const QString& name, double left,
                         double size);
};

} // namespace switchyard::studio
