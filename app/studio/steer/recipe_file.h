#pragma once

#include <QHash>
#include <QObject>

#include "app/studio/shell/workbench.h"
#include "app/studio/steer/recipe_steps.h"

class QWidget;

namespace switchyard::studio {

/// Where the recipe that is edited is kept: whether its file holds what is shown, and writing it.
class RecipeFile : public QObject {
  Q_OBJECT
public:
  /// Borrows both; file dialogs stand before `window`.
  RecipeFile(Workbench& workbench, RecipeSteps& steps, QWidget* window);

  bool isSaved() const;
  /// Writes the recipe to its file; without one, asks for a name.
  void save();
  void saveAs();
  /// False if the file could not be written; the window says why.
  bool saveTo(const QString& path);

Q_SIGNALS:
  void aboutToSave(); ///< what is typed has to count now
  void learnt();      ///< what a file holds

private:
  const Item* item() const { return m_workbench.document().item(m_steps.key()); }
  void learn();

  Workbench& m_workbench;
  RecipeSteps& m_steps;
  QWidget* m_window;
  QHash<ItemKey, QString> m_saved; ///< what the files hold, canonical JSON
};

} // namespace switchyard::studio
