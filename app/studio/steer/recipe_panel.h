#pragma once

#include <functional>

#include <QWidget>

#include "app/studio/shell/workbench.h"
#include "app/studio/steer/recipe_file.h"
#include "app/studio/steer/step_form.h"
#include "app/studio/steer/step_list.h"

class QLabel;
class QMenu;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace switchyard::studio {

/// The recipe editor: steps, the form of the selected one, saving.
class RecipePanel : public QWidget {
  Q_OBJECT
public:
  explicit RecipePanel(Workbench& workbench, QWidget* parent = nullptr);
  ~RecipePanel() override;

  RecipeSteps& steps() { return m_steps; }
  StepList& list() { return *m_list; }
  StepForm& form() { return *m_form; }
  /// Adds a step of a router plugin (short name) and shows its form.
  void addStep(const QString& plugin);
  void save() { m_file.save(); }
  void saveAs() { m_file.saveAs(); }
  bool saveTo(const QString& path) { return m_file.saveTo(path); } ///< false: the window says why
  bool isSaved() const { return m_file.isSaved(); }
  void flush() { m_form->flush(); } ///< what is typed counts now

private:
  QWidget* makeHeader();
  QWidget* makeFooter();
  void fillMenu();
  void update();
  void check();

  Workbench& m_workbench;
  RecipeSteps m_steps;
  RecipeFile m_file;
  StepList* m_list = nullptr;
  StepForm* m_form = nullptr;
  QLabel* m_title = nullptr;
  QLabel* m_count = nullptr;
  QLabel* m_formTitle = nullptr;
  QStackedWidget* m_body = nullptr;
  QToolButton* m_remove = nullptr;
  QToolButton* m_up = nullptr;
  QToolButton* m_down = nullptr;
  QPushButton* m_save = nullptr;
  QPushButton* m_copy = nullptr;
  QMenu* m_menu = nullptr;
};

} // namespace switchyard::studio
