#pragma once

#include <QTableView>

#include "app/studio/figures/result_table_model.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A table of a result or behind a figure: rows of fixed height, sorted by jobs, numbers to the
/// right. Selecting rows tells their source rows.
class ResultTableView : public QTableView {
  Q_OBJECT
public:
  explicit ResultTableView(Workbench& workbench, QWidget* parent = nullptr);

  ResultTableModel& model() { return m_model; }
  void setSource(std::shared_ptr<const TableSource> source, const QString& title);
  /// Rows that a filter of the view leaves; null: all. Sorting keeps to them.
  void setFilter(std::shared_ptr<const std::vector<std::uint32_t>> rows);
  /// Marks a source row without telling others; -1: none.
  void showRow(std::int64_t sourceRow);
  QString csv() const; ///< in the order shown

Q_SIGNALS:
  void rowChosen(qint64 sourceRow, Qt::KeyboardModifiers modifiers);
  void rowMenuRequested(qint64 sourceRow, const QPoint& globalPosition);

protected:
  void contextMenuEvent(QContextMenuEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
  void sortInJob(int column, Qt::SortOrder order);
  void applyTheme();
  void measureColumns(); ///< once for each source, and not before the table is seen

  Workbench& m_workbench;
  ResultTableModel m_model;
  std::shared_ptr<const std::vector<std::uint32_t>> m_filter;
  bool m_telling = true;
  bool m_isMeasured = false; ///< the columns are as wide as their contents
};

} // namespace switchyard::studio
