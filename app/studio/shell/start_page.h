#pragma once

#include <QWidget>

#include "app/studio/shell/settings.h"
#include "app/studio/shell/workbench.h"

class QLayout;
class QPushButton;
class QVBoxLayout;

namespace switchyard::studio {

/// What can I do here? Open, Recent, Examples; shown while nothing is open.
class StartPage : public QWidget {
  Q_OBJECT
public:
  StartPage(Workbench& workbench, Settings& settings, QWidget* parent = nullptr);
  void addProblem(const Problem& problem);

protected:
  void showEvent(QShowEvent* event) override;

private:
  void build();
  QLayout* openings(); ///< Open, Recent
  QLayout* examples();
  QPushButton* triggers(QPushButton* button, const char* action);

  Workbench& m_workbench;
  Settings& m_settings;
  QVBoxLayout* m_problems;
  QVBoxLayout* m_place;
  QWidget* m_content = nullptr;
};

} // namespace switchyard::studio
