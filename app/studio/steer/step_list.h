#pragma once

#include "app/studio/shell/reorder_list.h"
#include "app/studio/steer/recipe_steps.h"

namespace switchyard::studio {

/// The steps as rows with grip, check box, number, title and scope. Space switches on and off.
class StepList : public ReorderList {
  Q_OBJECT
public:
  explicit StepList(RecipeSteps& steps, QWidget* parent = nullptr);

  int currentRow() const { return currentIndex().row(); } ///< -1: none
  void setCurrentRow(int row);
  void moveCurrent(int by) override;
  void removeCurrent() override;
  /// The check box of a row, in the viewport.
  QRect checkRect(const QModelIndex& index) const;

Q_SIGNALS:
  void currentRowChanged(int row);

protected:
  void moveRow(int from, int to) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
  RecipeSteps& m_steps;
};

} // namespace switchyard::studio
