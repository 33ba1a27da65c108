#pragma once

#include <QStatusBar>

#include "app/studio/shell/workbench.h"

class QLabel;
class QPushButton;

namespace switchyard::studio {

/// What is open at the left (or a note for 6 s, or an error until read), jobs and log at the right.
class StatusBar : public QStatusBar {
  Q_OBJECT
public:
  explicit StatusBar(Workbench& workbench, QWidget* parent = nullptr);
  QString text() const; ///< at the left, as shown
  bool isAlarmed() const { return m_alarmed; }

Q_SIGNALS:
  void jobsWanted();
  void logWanted();

private:
  void update();
  void showNote(const QString& text, bool undoable);

  Workbench& m_workbench;
  QLabel* m_sign;
  QLabel* m_text;
  QPushButton* m_undo;
  QPushButton* m_jobs;
  QPushButton* m_log;
  QString m_note, m_problem;
  bool m_noteUndoable = false;
  bool m_alarmed = false;
  QTimer m_noteTime;
};

/// "demo-model: 6 layers × 32 experts, top-4. No trace is open."
QString sessionSummary(const Document& document);

} // namespace switchyard::studio
