#pragma once

#include <QWidget>

#include "app/studio/steer/changed_problems.h"
#include "app/studio/steer/evaluation_form.h"
#include "app/studio/steer/evaluation_run.h"
#include "app/studio/steer/interval_plot.h"
#include "app/studio/steer/recipe_panel.h"
#include "app/studio/steer/text_table.h"

class QLabel;
class QPushButton;

namespace switchyard::studio {

/// B - A on a task set: interval, random control, table of right and wrong, test, kinds.
class EvaluationPanel : public QWidget {
  Q_OBJECT
public:
  EvaluationPanel(Workbench& workbench, RecipePanel& recipe, QWidget* parent = nullptr);

  EvaluationSettings settings() const { return m_settings->settings(); }
  void setSettings(const EvaluationSettings& settings) { m_settings->setSettings(settings); }
  /// Evaluates the recipe as it is now; `control`: with a random control of matched load. While an
  /// evaluation runs: nothing happens.
  void run(bool control);
  void cancel() { m_evaluation.cancel(); }
  JobId job() const { return m_evaluation.job(); } ///< 0: none runs
  const PairedOutcome* outcome() const { return m_evaluation.outcome().get(); }
  QString commandLine() const;
  QString note() const; ///< beside the title
  ChangedList& changed() { return *m_changed; }
  ChangedProblems& problems() { return m_problems; }
  IntervalPlot& plot() { return *m_plot; }
  TextTable& fourfold() { return m_fourfold; }
  TextTable& kinds() { return m_kinds; }
  QString csv() const;

Q_SIGNALS:
  void outcomeChanged();
  void stateChanged(); ///< began, ended
  void failed(const QString& text);

private:
  QWidget* makeHeader();
  QWidget* makeTables();
  void showNumbers();
  void update();
  QString blocked() const; ///< why nothing can be run; empty: it can

  Workbench& m_workbench;
  RecipePanel& m_recipe;
  EvaluationRun m_evaluation;
  ChangedProblems m_problems;
  TextTable m_fourfold, m_kinds;
  QLabel* m_note = nullptr;
  QLabel* m_test = nullptr;
  QPushButton* m_run = nullptr;
  QPushButton* m_runControl = nullptr;
  QPushButton* m_copy = nullptr;
  QWidget* m_tables = nullptr;
  EvaluationForm* m_settings; ///< shown on demand
  IntervalPlot* m_plot;
  ChangedList* m_changed;
};

} // namespace switchyard::studio
