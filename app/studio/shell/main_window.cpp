#include "app/studio/shell/main_window.h"

#include <QTableView>
#include <QTabWidget>
#include <QTreeView>

#include "app/studio/shell/view_list.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

MainWindow::MainWindow(Workbench& workbench, QWidget* parent)
    : QMainWindow(parent), m_workbench(workbench), m_tabs(new QTabWidget) {
  setObjectName("mainWindow");
  setWindowTitle(tr("Switchyard Studio"));
  resize(1280, 800);
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  makeViews();
  makeDocks();
}

MainWindow::~MainWindow() = default;

void MainWindow::makeViews() {
  m_tabs->setDocumentMode(true);
  m_tabs->setMovable(true);
  m_tabs->setUsesScrollButtons(true);
  for (const ViewEntry& entry : viewList()) {
    View* view = entry.make(m_workbench);
    m_views.push_back(view);
    m_tabs->addTab(view, entry.title);
  }
  setCentralWidget(m_tabs);
  connect(&m_workbench, &Workbench::viewRequested, this, [this](const QString& id) {
    if (View* wanted = view(id))
      m_tabs->setCurrentWidget(wanted);
  });
  connect(&m_workbench, &Workbench::problem, this, [this](const Problem& problem) {
    if (View* shown = currentView())
      shown->addProblem(problem);
  });
}

void MainWindow::makeDocks() {
  const auto add = [this](const char* id, const QString& title, QWidget* content,
                          Qt::DockWidgetArea area) {
    auto* dock = new Dock(id, title, content, this);
    addDockWidget(area, dock);
    m_docks.push_back(dock);
    return dock;
  };
  const Theme& theme = Theme::instance();
  Dock* library = add("library", tr("Library"), new QTreeView, Qt::LeftDockWidgetArea);
  Dock* inspector =
      add("inspector", tr("Inspector"), makeInspector(m_workbench), Qt::RightDockWidgetArea);
  Dock* timeline =
      add("timeline", tr("Timeline"), makeTimeline(m_workbench), Qt::BottomDockWidgetArea);
  Dock* jobs = add("jobs", tr("Jobs"), new QTableView, Qt::BottomDockWidgetArea);
  auto* logTable = new QTableView;
  logTable->setModel(&m_workbench.log());
  Dock* log = add("log", tr("Log"), logTable, Qt::BottomDockWidgetArea);
  tabifyDockWidget(timeline, jobs);
  tabifyDockWidget(timeline, log);
  jobs->hide();
  log->hide();
  library->setMinimumWidth(theme.px(160));
  inspector->setMinimumWidth(theme.px(240));
  resizeDocks({library, inspector}, {theme.px(204), theme.px(268)}, Qt::Horizontal);
  resizeDocks({timeline}, {theme.px(120)}, Qt::Vertical);
}

View* MainWindow::currentView() const {
  return qobject_cast<View*>(m_tabs->currentWidget());
}

View* MainWindow::view(const QString& id) const {
  for (View* view : m_views)
    if (view->id() == id)
      return view;
  return nullptr;
}

Dock* MainWindow::dock(const QString& id) const {
  for (Dock* dock : m_docks)
    if (dock->objectName() == id)
      return dock;
  return nullptr;
}

} // namespace switchyard::studio
