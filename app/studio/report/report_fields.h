#pragma once

#include <QWidget>

#include "app/studio/report/entry_list.h"
#include "app/studio/shell/workbench.h"

class QLineEdit;
class QPlainTextEdit;
class QToolButton;

namespace switchyard::studio {

/// What is written in a report: its title and question, the entries in their order, heading and
/// note of the entry that is chosen. Follows the report; what is typed becomes one step of its undo
/// history.
class ReportFields : public QWidget {
  Q_OBJECT
public:
  explicit ReportFields(Workbench& workbench, QWidget* parent = nullptr);

  EntryList& list() { return *m_list; }
  const EntryList& list() const { return *m_list; }
  QLineEdit& titleField() { return *m_title; }
  QLineEdit& questionField() { return *m_question; }
  QLineEdit& entryTitleField() { return *m_entryTitle; }
  QPlainTextEdit& noteField() { return *m_note; }

  void commit(); ///< what is typed and not yet in the report
  void follow(); ///< the report has changed

Q_SIGNALS:
  void showRequested(int id); ///< the view that an entry came from

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  QWidget* makeButtons();
  QWidget* makeEntryForm();
  void showEntry();

  Workbench& m_workbench;
  EntryList* m_list;
  QLineEdit* m_title;
  QLineEdit* m_question;
  QLineEdit* m_entryTitle;
  QPlainTextEdit* m_note;
  QWidget* m_form;
  QToolButton *m_up, *m_down, *m_remove, *m_show;
  int m_shown = 0; ///< id of the entry in the form
};

} // namespace switchyard::studio
