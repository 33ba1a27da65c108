#pragma once

#include <QTimer>
#include <QWidget>

#include "app/studio/steer/recipe_steps.h"
#include "app/studio/views/option_form.h"

class QLabel;
class QVBoxLayout;

namespace switchyard::studio {

/// Options and scope of one step. What is typed becomes one entry of the undo stack when the fields
/// have been left alone for a moment, and only while every field is valid.
class StepForm : public QWidget {
  Q_OBJECT
public:
  StepForm(RecipeSteps& steps, std::shared_ptr<plugin::Registry> registry,
           QWidget* parent = nullptr);

  void showStep(int row); ///< -1: none
  int row() const { return m_row; }
  /// Puts what is typed into the recipe now.
  void flush();
  bool isValid() const;                             ///< every field; true without a step
  OptionForm* options() const { return m_options; } ///< null: no step, or one that nobody provides
  OptionForm* scope() const { return m_scope; }
  QString problem() const; ///< what stands below the fields; empty: nothing

Q_SIGNALS:
  void validityChanged();

private:
  void rebuild();
  void follow();
  void showFindings();
  void edited();

  RecipeSteps& m_steps;
  std::shared_ptr<plugin::Registry> m_registry;
  int m_row = -1;
  QString m_plugin; ///< of the fields that are shown
  QVBoxLayout* m_layout;
  QLabel* m_summary;
  QLabel* m_problem;
  QWidget* m_fields = nullptr;
  OptionForm* m_options = nullptr;
  OptionForm* m_scope = nullptr;
  QString m_scopeProblem;
  bool m_filling = false;
  bool m_edited = false; ///< the recipe does not have it yet
  QTimer m_commit;
};

} // namespace switchyard::studio
