#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QAbstractTableModel>

#include "app/studio/figures/table_source.h"
#include "app/studio/figures/value_text.h"

namespace switchyard::studio {

/// A table source for QTableView: headers with units, numbers to the right and formatted by unit,
/// raw values under Qt::UserRole. Rows are shown in the order of an index vector, which whoever
/// owns the model computes in a job (sortedRows) when sortWanted() asks for it; until then the old
/// order stays. GUI thread.
class ResultTableModel : public QAbstractTableModel {
  Q_OBJECT
public:
  explicit ResultTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void setSource(std::shared_ptr<const TableSource> source);
  const std::shared_ptr<const TableSource>& source() const { return m_source; }
  /// Which rows are shown, in order; null: all, as they are. Indices beyond the source are a bug.
  void setOrder(std::shared_ptr<const std::vector<std::uint32_t>> order);
  const std::shared_ptr<const std::vector<std::uint32_t>>& order() const { return m_order; }

  /// Rows of the source that are written in muted text (no support); null: none.
  void setMuted(std::function<bool(std::int64_t)> muted);

  std::int64_t sourceRow(int row) const;
  int rowOf(std::int64_t sourceRow) const; ///< -1: not shown. O(rows) with an order
  int sortColumn() const { return m_sortColumn; }
  Qt::SortOrder sortOrder() const { return m_sortOrder; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
  void sortWanted(int column, Qt::SortOrder order);

private:
  std::shared_ptr<const TableSource> m_source;
  std::shared_ptr<const std::vector<std::uint32_t>> m_order;
  std::vector<ValueFormat> m_formats;
  std::function<bool(std::int64_t)> m_muted;
  int m_sortColumn = -1;
  Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace switchyard::studio
