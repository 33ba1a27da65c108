#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <QObject>
#include <QRectF>
#include <QString>

class QWidget;

namespace switchyard::studio {

/// A picture as a table for readers who do not see it: screen readers ask each cell what it is and
/// where. Cells are numbered as the picture likes ("items"), so that one keeps its number while
/// rows or columns come and go. GUI thread.
class CellTable {
public:
  virtual ~CellTable() = default;

  virtual QString headline() const = 0; ///< one sentence that says the most telling thing
  virtual int rows() const = 0;
  virtual int columns() const = 0;
  virtual QString rowName(int row) const = 0;
  virtual QString columnName(int column) const = 0;
  virtual int item(int row, int column) const = 0;       ///< -1: empty
  virtual std::pair<int, int> place(int item) const = 0; ///< row and column; -1: not there now
  virtual bool contains(int item) const = 0;
  virtual QString spoken(int item) const = 0; ///< "L5 E19, load 0.24"
  virtual QString value(int item) const = 0;
  virtual QRectF rect(int item) const = 0;         ///< in the widget; empty: not visible
  virtual int itemAt(const QPointF& at) const = 0; ///< -1: none
  virtual bool isSelected(int item) const = 0;
  virtual bool isPinned(int) const { return false; }
  virtual bool isCurrent(int item) const = 0;
  virtual std::vector<int> selected() const = 0;
};

/// A widget's table: kept with it, and used for its accessible interface from now on.
class CellTableHolder : public QObject {
  Q_OBJECT
public:
  CellTableHolder(QWidget* widget, std::unique_ptr<CellTable> table);
  const CellTable& table() const { return *m_table; }
  static const CellTable* of(const QObject* widget); ///< null: it has none

private:
  std::unique_ptr<CellTable> m_table;
};

} // namespace switchyard::studio
