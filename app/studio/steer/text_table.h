#pragma once

#include <vector>

#include <QAbstractTableModel>
#include <QStringList>

class QTableView;

namespace switchyard::studio {

/// A small table of finished texts with headers on both sides.
class TextTable : public QAbstractTableModel {
  Q_OBJECT
public:
  struct Cell {
    QString text;
    bool strong = false;
  };

  using QAbstractTableModel::QAbstractTableModel;
  /// cells: one list per row, as long as `columns`.
  void setCells(const QStringList& rows, const QStringList& columns,
                std::vector<std::vector<Cell>> cells);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  QStringList m_rows, m_columns;
  std::vector<std::vector<Cell>> m_cells;
};

/// A view of such a table: no grid, right-aligned, rows of 20 px.
QTableView* makeTextTableView(TextTable* model, const QString& name);

} // namespace switchyard::studio
