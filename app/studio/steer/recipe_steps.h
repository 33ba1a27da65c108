#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <QAbstractListModel>

#include "app/jobs/recipe_check.h"
#include "app/studio/document/document.h"
#include "core/plugin/registry.h"

namespace switchyard::studio {

/// The steps of the session's current recipe. Every change is one named entry of the undo stack;
/// without a recipe, the first step added makes one. Follows the document: undo, redo and steps
/// added elsewhere are shown at once. GUI thread.
class RecipeSteps : public QAbstractListModel {
  Q_OBJECT
public:
  enum Role {
    ScopeRole = Qt::UserRole + 1, ///< text: where the step acts
    ProblemRole,                  ///< text: why the step cannot run; empty: it can
  };

  RecipeSteps(Document& document, std::shared_ptr<plugin::Registry> registry,
              QObject* parent = nullptr);

  /// Null: no recipe.
  std::shared_ptr<const routing::Recipe> recipe() const { return m_recipe; }
  ItemKey key() const { return m_key; }
  int enabledSteps() const;
  /// The first row that the last change touched, or the last row if that took off the end; -1:
  /// none, or another recipe.
  int changedRow() const { return std::min(m_changedRow, rowCount() - 1); }

  void add(routing::RecipeStep step); ///< at the end
  void removeStep(int row);
  void moveStep(int from, int to); ///< out of range or equal: nothing happens
  void setEnabled(int row, bool enabled);
  /// Same plugin, other options or scope. Equal: nothing happens.
  void replace(int row, routing::RecipeStep step);

  /// What jobs::checkRecipe says of this recipe.
  void setFindings(std::vector<jobs::RecipeFinding> findings);
  /// Of a step, worst first; row -1: of the recipe as a whole.
  QStringList findingsOf(int row, jobs::RecipeLevel level) const;
  bool canRun() const; ///< there is a recipe, and no finding is an error

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
  void recipeChanged(); ///< another recipe, or other steps

private:
  void follow();
  void apply(routing::Recipe recipe, const QString& what);
  QString titleOf(int row) const;

  Document& m_document;
  std::shared_ptr<plugin::Registry> m_registry;
  ItemKey m_key = 0;
  std::shared_ptr<const routing::Recipe> m_recipe;
  std::vector<jobs::RecipeFinding> m_findings;
  int m_changedRow = -1;
};

} // namespace switchyard::studio
