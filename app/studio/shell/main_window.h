#pragma once

#include <vector>

#include <QMainWindow>

#include "app/studio/shell/dock.h"
#include "app/studio/shell/view.h"

class QTabWidget;

namespace switchyard::studio {

/// The window: assembly of docks, views, menus and bars over one workbench. GUI thread.
class MainWindow : public QMainWindow {
  Q_OBJECT
public:
  explicit MainWindow(Workbench& workbench, QWidget* parent = nullptr);
  ~MainWindow() override;

  View* currentView() const;
  View* view(const QString& id) const; ///< null if there is none
  Dock* dock(const QString& id) const; ///< "library", "inspector", "timeline", "jobs", "log"

private:
  void makeDocks();
  void makeViews();

  Workbench& m_workbench;
  QTabWidget* m_tabs;
  std::vector<View*> m_views;
  std::vector<Dock*> m_docks;
};

} // namespace switchyard::studio
