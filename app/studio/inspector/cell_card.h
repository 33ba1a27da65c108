#pragma once

#include <QWidget>

#include "app/studio/inspector/inspection.h"

class QFormLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace switchyard::studio {

/// A cell or result in the inspector: what it is, its numbers, formula and command line.
class CellCard : public QWidget {
  Q_OBJECT
public:
  explicit CellCard(Workbench& workbench);
  void showInspected(const std::optional<Inspected>& inspected); ///< hides itself for none
  QString text() const;
  QHBoxLayout* head() const { return m_head; } ///< for what stands at the right of the title

private:
  Workbench& m_workbench;
  QHBoxLayout* m_head;
  QLabel* m_title;
  QLabel* m_source;
  QFormLayout* m_rows;
  QLabel* m_formula;
  QPushButton* m_copy;
  std::optional<Inspected> m_inspected;
};

} // namespace switchyard::studio
