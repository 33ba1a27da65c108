#include "app/studio/steer/recipe_file.h"

#include <QFileDialog>
#include <QFileInfo>

#include "core/base/file.h"

namespace switchyard::studio {

RecipeFile::RecipeFile(Workbench& workbench, RecipeSteps& steps, QWidget* window)
    : m_workbench(workbench), m_steps(steps), m_window(window) {
  connect(&steps, &RecipeSteps::recipeChanged, this, &RecipeFile::learn);
  learn();
}

void RecipeFile::learn() {
  const Item* item = this->item();
  if (!item || item->path.isEmpty() || m_saved.contains(item->key))
    return;
  m_workbench.jobs().run<routing::Recipe>(
      {tr("Read %1").arg(item->name), "read-recipe"}, this,
      [path = item->path.toStdString()](const JobContext&) { return jobs::readRecipe(path); },
      [this, key = item->key](base::Result<std::shared_ptr<const routing::Recipe>> held) {
        m_saved.insert(key, held ? QString::fromStdString(routing::toJson(**held)) : QString());
        Q_EMIT learnt();
      });
}

bool RecipeFile::isSaved() const {
  const Item* item = this->item();
  return item && !item->path.isEmpty() && item->recipe &&
         m_saved.value(item->key) == QString::fromStdString(routing::toJson(*item->recipe));
}

void RecipeFile::save() {
  Q_EMIT aboutToSave();
  const Item* item = this->item();
  if (!item)
    return;
  if (item->path.isEmpty())
    saveAs();
  else
    saveTo(item->path);
}

void RecipeFile::saveAs() {
  Q_EMIT aboutToSave();
  const Item* item = this->item();
  if (!item)
    return;
  QString proposed = item->path;
  if (proposed.isEmpty())
    proposed = QString(item->name).replace(' ', '-').remove('/') + ".json";
  const QString path =
      QFileDialog::getSaveFileName(m_window, tr("Save recipe"), proposed, tr("Recipes (*.json)"));
  if (!path.isEmpty())
    saveTo(path);
}

bool RecipeFile::saveTo(const QString& path) {
  Q_EMIT aboutToSave();
  const Item* item = this->item();
  if (!item || !item->recipe)
    return false;
  const std::string text = routing::toJson(*item->recipe);
  if (const auto written = base::writeFileAtomically(path.toStdString(), text); !written) {
    m_workbench.report({.title = tr("The recipe could not be saved."),
                        .text = QString::fromStdString(written.error().describe()),
                        .rows = {},
                        .actions = {{tr("Save elsewhere…"), [this] { saveAs(); }},
                                    {tr("Try again"), [this, path] { saveTo(path); }}},
                        .id = "save-recipe"});
    return false;
  }
  m_saved.insert(item->key, QString::fromStdString(text));
  m_workbench.document().update(
      item->key, [&](Item& changed) { changed.path = QFileInfo(path).absoluteFilePath(); });
  m_workbench.notify(tr("Saved %1").arg(QFileInfo(path).fileName()));
  return true;
}

} // namespace switchyard::studio
