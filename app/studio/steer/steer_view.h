#pragma once

#include "app/studio/shell/view.h"
#include "app/studio/steer/ab_panel.h"
#include "app/studio/steer/evaluation_panel.h"
#include "app/studio/steer/recipe_panel.h"

class QLineEdit;

namespace switchyard::studio {

/// What changes if the routing is changed: recipe editor, A and B beside each other, evaluation.
class SteerView : public View {
  Q_OBJECT
public:
  SteerView(Workbench& workbench, const QString& id, const QString& title);

  bool handles(const QString& actionId) const override;
  void command(const QString& actionId) override;
  QString csv() const override;
  QString commandLine() const override;
  void refresh() override;
  /// The numbers are those of the evaluation.
  std::optional<jobs::report::Part> reportPart(ReportPiece piece) override;
  QString saveState() const override;
  void restoreState(const QString& state) override;

  QString prompt() const;
  void setPrompt(const QString& prompt);
  /// Continues the prompt without and with the recipe; the former run, if any, is stopped.
  void generate();
  void cancel();
  JobId job() const { return m_job; } ///< 0: nothing is generated
  RecipePanel& recipe() { return *m_recipe; }
  AbPanel& ab() { return *m_ab; }
  EvaluationPanel& evaluation() { return *m_evaluation; }
  QPushButton& generateButton() { return *m_generate; }

private:
  void start(std::shared_ptr<const LoadedModel> model);
  void accept(const base::Result<std::shared_ptr<const AbOutcome>>& result);
  void showOutcome();
  void update();
  QString blocked() const; ///< why nothing can be generated; empty: it can

  QLineEdit* m_prompt;
  QPushButton* m_generate;
  RecipePanel* m_recipe;
  AbPanel* m_ab;
  EvaluationPanel* m_evaluation;
  JobId m_job = 0;
  bool m_loadingModel = false;
  QString m_ranPrompt, m_runningPrompt;
  std::shared_ptr<const LoadedModel> m_model;
  std::shared_ptr<const AbOutcome> m_outcome;
  QString m_ranLines, m_runningLines; ///< the command lines of A and B
  std::shared_ptr<const routing::Recipe> m_ranRecipe, m_runningRecipe;
};

} // namespace switchyard::studio
