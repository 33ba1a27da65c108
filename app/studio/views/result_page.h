#pragma once

#include <memory>

#include <QWidget>

#include "app/studio/views/figure_panel.h"

class QListWidget;
class QStackedWidget;

namespace switchyard::studio {

/// All of one result: what it says, its headline numbers, its warnings, its figures and tables, one
/// at a time.
class ResultPage : public QWidget {
  Q_OBJECT
public:
  ResultPage(View& view, FigurePanel* panel, QWidget* parent = nullptr);

  /// `owner` keeps `result` alive.
  void setResult(std::shared_ptr<const void> owner, const trace::AnalysisResult& result);
  void clear();
  /// Brings "figure/NAME" or "table/NAME" to the front; false: there is none.
  bool showPart(const QString& name);
  QStringList parts() const;
  QString shownPart() const;
  QString summaryText() const; ///< findings, numbers and warnings as shown
  bool showsTable() const;     ///< a table of the result, not a figure
  QString csv() const;
  const trace::AnalysisResult* result() const { return m_result; } ///< null: nothing is shown
  ResultTableView* table() const { return m_table; }

Q_SIGNALS:
  void partShown();

private:
  void showCurrent();

  FigurePanel* m_panel;
  QListWidget* m_list;
  QLabel* m_summary;
  QStackedWidget* m_stack;
  ResultTableView* m_table;
  std::shared_ptr<const void> m_owner;
  const trace::AnalysisResult* m_result = nullptr;
};

} // namespace switchyard::studio
