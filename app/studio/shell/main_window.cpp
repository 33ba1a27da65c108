#include "app/studio/shell/main_window.h"

#include <algorithm>
#include <utility>

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QStackedWidget>

#include "app/studio/report/add_to_report.h"
#include "app/studio/shell/dialogs.h"
#include "app/studio/shell/hints.h"
#include "app/studio/shell/library_panel.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/plugin_guard.h"
#include "app/studio/shell/start_page.h"
#include "app/studio/shell/status_bar.h"
#include "app/studio/shell/tool_bar.h"
#include "app/studio/shell/window_actions.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// The view that is made for what the result's first plugin returns; else the one for any plugin.
QString viewOfResult(const Item* result, const ViewArea& views) {
  static const std::pair<const char*, const char*> made[] = {{"load", "experts"},
                                                             {"coactivation", "coactivation"},
                                                             {"transitions", "coactivation"},
                                                             {"specialization", "specialization"},
                                                             {"npmi", "npmi"},
                                                             {"agreement", "agreement"},
                                                             {"expert-cache", "cache"}};
  if (result && result->analysis && !result->analysis->ids.empty())
    for (const auto& [plugin, view] : made)
      if (result->analysis->ids.front() == plugin)
        return view;
  return views.view("results") ? "results" : "experts";
}

} // namespace

MainWindow::MainWindow(Workbench& workbench, QWidget* parent)
    : QMainWindow(parent), m_workbench(workbench), m_centre(new QStackedWidget),
      m_plugins(new PluginGuard(workbench, this)) {
  setObjectName("mainWindow");
  resize(1280, 800);
  setAcceptDrops(true);
  setDockOptions(AllowNestedDocks | AllowTabbedDocks);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  // Views may want actions that are there, and actions views: the table comes first, views
  // dispatch.
  addFileActions(*this);
  addEditActions(*this);
  addFigureActions(*this);
  addSelectionActions(*this);
  addReportActions(*this);
  m_views = new ViewArea(workbench);
  m_start = new StartPage(workbench, m_settings);
  m_centre->addWidget(m_start);
  m_centre->addWidget(m_views);
  // The centre never keeps the window from becoming so small that docks collapse.
  m_centre->setMinimumSize(Theme::instance().px(420), Theme::instance().px(300));
  setCentralWidget(m_centre);
  makeDocks();
  addViewActions(*this);
  addHelpActions(*this);
  makeBars();
  m_palette = new Palette(workbench, m_settings, this);
  m_hints = new Hints(m_settings, this);
  connectWorkbench();
  applyLayout("reset");
  followContent();
  updateActions();
}

MainWindow::~MainWindow() {
  // Views go before the workbench's jobs may deliver to them.
  m_workbench.jobs().cancelAll();
}

void MainWindow::makeBars() {
  fillMenus(*this);
  auto* session = new QLabel;
  session->setObjectName("sessionName");
  session->setProperty("muted", true);
  session->setFixedHeight(Theme::instance().px(26));
  session->setAlignment(Qt::AlignVCenter | Qt::AlignRight);
  menuBar()->setCornerWidget(session);
  m_tools = new ToolBar(m_workbench, this);
  addToolBar(Qt::TopToolBarArea, m_tools);
  connect(m_tools, &ToolBar::paletteWanted, this, [this] { showPalette({}); });
  m_status = new StatusBar(m_workbench, this);
  setStatusBar(m_status);
  const auto open = [this](const char* id) {
    Dock* wanted = dock(id);
    wanted->show();
    wanted->raise();
  };
  connect(m_status, &StatusBar::jobsWanted, this, [open] { open("jobs"); });
  connect(m_status, &StatusBar::logWanted, this, [this, open] {
    open("log");
    m_workbench.log().markRead();
  });
}

void MainWindow::connectWorkbench() {
  connect(&m_workbench, &Workbench::viewRequested, this, [this](const QString& id) {
    m_views->show(id);
    m_centre->setCurrentWidget(m_workbench.document().isEmpty() && m_workbench.jobs().active() == 0
                                   ? static_cast<QWidget*>(m_start)
                                   : m_views);
    // The figure takes the focus, so that its keys work after Ctrl+1 ... Ctrl+9 at once.
    if (QWidget* canvas = currentView() ? currentView()->canvas() : nullptr;
        canvas && !showsStartPage())
      canvas->setFocus(Qt::OtherFocusReason);
  });
  connect(&m_workbench, &Workbench::problem, this, [this](const Problem& problem) {
    showProblem(problem);
    dock("log")->show();
    dock("log")->raise();
  });
  connect(&m_workbench, &Workbench::resultRequested, this, [this](int key) {
    m_workbench.showView(viewOfResult(m_workbench.document().item(key), *m_views));
  });
  connect(&m_workbench, &Workbench::sessionRequested, this, &MainWindow::openSession);
  connect(&m_workbench.opener(), &Opener::opened, this,
          [this](int, const QString& path) { m_settings.addRecentFile(path); });
  Document& document = m_workbench.document();
  for (const auto signal : {&Document::itemAdded, &Document::itemRemoved})
    connect(&document, signal, this, &MainWindow::followContent);
  connect(&document, &Document::currentChanged, this, [this] {
    if (currentView() && !showsStartPage())
      currentView()->refresh();
    updateActions();
  });
  connect(m_views, &ViewArea::currentChanged, this, [this] {
    updateActions();
    fitTimeline();
    offerHints();
  });
  for (View* view : m_views->views())
    connect(view, &View::capabilitiesChanged, this, &MainWindow::updateActions);
  connect(&m_workbench.actions(), &ActionTable::triggered, this, [this](const QString& id) {
    if (!id.startsWith("figure.move") && !id.startsWith("figure.extend"))
      m_settings.addRecentAction(id);
    if (id == "run.play" && m_hints->shown() == 1)
      m_hints->dismiss();
  });
  connect(&m_workbench.selection(), &Selection::expertsChanged, this, [this] {
    if (m_hints->shown() == 2)
      m_hints->dismiss();
    offerHints();
  });
  connect(&m_workbench.jobs(), &JobRunner::changed, this, &MainWindow::updateBottom);
}

void MainWindow::showProblem(const Problem& problem) {
  if (showsStartPage())
    m_start->addProblem(problem);
  else if (currentView())
    currentView()->addProblem(problem);
}

void MainWindow::followContent() {
  const bool empty = m_workbench.document().isEmpty();
  m_centre->setCurrentWidget(empty ? static_cast<QWidget*>(m_start) : m_views);
  const QString name =
      m_sessionPath.isEmpty() ? tr("new session") : QFileInfo(m_sessionPath).completeBaseName();
  if (auto* label = menuBar()->cornerWidget())
    static_cast<QLabel*>(label)->setText(name + "  ");
  setWindowTitle(tr("%1 - Switchyard Studio").arg(name));
  if (empty != m_showsWork)
    return;
  m_showsWork = !empty;
  for (const char* id : {"library", "inspector", "timeline"})
    dock(id)->setVisible(!empty);
  if (!empty && !std::exchange(m_docksSized, true))
    sizeDocks();
  collapseForSize();
  offerHints();
}

bool MainWindow::showsStartPage() const {
  return m_centre->currentWidget() == m_start;
}

void MainWindow::updateActions() {
  ActionTable& actions = m_workbench.actions();
  const bool start = showsStartPage();
  for (const QString& id : dispatchedActions()) {
    const bool handled = !start && std::ranges::any_of(m_views->views(), [&id](const View* view) {
      return view->handles(id);
    });
    actions.setEnabled(id, handled, start ? tr("nothing is open") : tr("no view can do this now"));
  }
  const View* shown = start ? nullptr : currentView();
  actions.setEnabled("view.table", shown && shown->hasTable(), tr("this view has no table"));
  actions.setEnabled("edit.copy-command", shown && !shown->commandLine().isEmpty(),
                     tr("no result that a command line makes"));
  const bool addable = shown && shown->id() != "report";
  for (const char* id : {"report.add", "report.add-numbers"})
    actions.setEnabled(id, addable,
                       start ? tr("nothing is open")
                             : tr("the report is in front: choose another view"));
  actions.setEnabled("file.export", shown, tr("nothing is open"));
  actions.setEnabled("file.print", shown, tr("nothing is open"));
  actions.setEnabled("edit.copy-image", shown, tr("nothing is open"));
  if (shown)
    actions.action("view.link")->setChecked(shown->isLinked());
}

void MainWindow::dispatch(const QString& actionId) {
  if (View* shown = currentView(); shown && shown->handles(actionId)) {
    shown->command(actionId);
    return;
  }
  for (View* view : m_views->views())
    if (view->handles(actionId)) {
      view->command(actionId);
      return;
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  if (m_palette && m_palette->isVisible())
    m_palette->popUp(QString());
  if (m_hints)
    collapseForSize();
}

void MainWindow::showPalette(const QString& query) {
  m_palette->popUp(query);
  if (m_hints->shown() == 3)
    m_hints->dismiss();
}

void MainWindow::showPreferences() {
  (new PreferencesDialog(m_settings, this))->show();
}

void MainWindow::showKeys() {
  (new KeysDialog(m_workbench.actions(), this))->show();
}

void MainWindow::startTour() {
  m_hints->restart();
  offerHints();
}

void MainWindow::offerHints() {
  if (!isVisible() || showsStartPage() || !m_hints)
    return;
  const auto areaOf = [this](const QWidget* widget) {
    return QRect(widget->mapTo(this, QPoint()), widget->size());
  };
  const int next = m_settings.hintsSeen() + 1;
  if (next == 1 && currentView() && currentView()->id() == "live")
    m_hints->offer(1, areaOf(m_tools));
  else if (next == 2 && currentView() && currentView()->canvas())
    m_hints->offer(2, areaOf(currentView()->canvas()));
  else if (next == 3)
    m_hints->offer(3, areaOf(m_tools));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls())
    event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  for (const QUrl& url : urls)
    if (url.isLocalFile())
      m_workbench.openFile(url.toLocalFile());
  event->acceptProposedAction();
}

// Docks and layouts: window_docks.cpp. Sessions: session_window.cpp.

} // namespace switchyard::studio
