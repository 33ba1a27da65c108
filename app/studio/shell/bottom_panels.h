#pragma once

#include <QWidget>

#include "app/studio/shell/jobs_model.h"
#include "app/studio/shell/workbench.h"

class QComboBox;
class QLineEdit;
class QTableView;

namespace switchyard::studio {

/// The jobs dock: rows with bars; click "Cancel", or Delete on a row, stops it.
class JobsPanel : public QWidget {
  Q_OBJECT
public:
  explicit JobsPanel(Workbench& workbench, QWidget* parent = nullptr);
  QTableView* table() const { return m_table; }

private:
  QTableView* m_table;
};

/// The log dock: least level, text filter, copy. A click or the focus in it marks errors as read.
class LogPanel : public QWidget {
  Q_OBJECT
public:
  explicit LogPanel(Workbench& workbench, QWidget* parent = nullptr);
  QTableView* table() const { return m_table; }
  void copyRows();

protected:
  bool eventFilter(QObject* object, QEvent* event) override;

private:
  Workbench& m_workbench;
  QComboBox* m_level;
  QLineEdit* m_filter;
  QTableView* m_table;
};

} // namespace switchyard::studio
