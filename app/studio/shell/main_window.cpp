#include "app/studio/shell/main_window.h"

#include <algorithm>

#include <QApplication>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QLabel>
#include <QLayout>
#include <QMenuBar>
#include <QMimeData>
#include <QStackedWidget>
#include <QTreeView>

#include "app/studio/shell/bottom_panels.h"
#include "app/studio/shell/dialogs.h"
#include "app/studio/shell/edge_bar.h"
#include "app/studio/shell/hints.h"
#include "app/studio/shell/library_panel.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/start_page.h"
#include "app/studio/shell/status_bar.h"
#include "app/studio/shell/tool_bar.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/shell/window_actions.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// The view that is made for what the result's first plugin returns; else the one for any plugin.
QString viewOfResult(const Item* result, const ViewArea& views) {
  static const std::pair<const char*, const char*> made[] = {
      {"load", "experts"},         {"coactivation", "coactivation"},
      {"transitions", "coactivation"}, {"specialization", "specialization"},
      {"npmi", "npmi"},            {"agreement", "agreement"},
      {"expert-cache", "cache"}};
  if (result && result->analysis && !result->analysis->ids.empty())
    for (const auto& [plugin, view] : made)
      if (result->analysis->ids.front() == plugin)
        return view;
  return views.view("results") ? "results" : "experts";
}

} // namespace

MainWindow::MainWindow(Workbench& workbench, QWidget* parent)
    : QMainWindow(parent), m_workbench(workbench), m_centre(new QStackedWidget) {
  setObjectName("mainWindow");
  resize(1280, 800);
  setAcceptDrops(true);
  setDockOptions(AllowNestedDocks | AllowTabbedDocks);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  // Views may want actions that are there, and actions views: the table comes first, views dispatch.
  addFileActions(*this);
  addEditActions(*this);
  addFigureActions(*this);
  addSelectionActions(*this);
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

void MainWindow::makeDocks() {
  const auto add = [this](const char* id, const QString& title, QWidget* content,
                          Qt::DockWidgetArea area) {
    auto* dock = new Dock(id, title, content, this);
    addDockWidget(area, dock);
    m_docks.push_back(dock);
    return dock;
  };
  m_library = new LibraryPanel(m_workbench);
  Dock* library = add("library", tr("Library"), m_library, Qt::LeftDockWidgetArea);
  Dock* inspector =
      add("inspector", tr("Inspector"), makeInspector(m_workbench), Qt::RightDockWidgetArea);
  Dock* timeline =
      add("timeline", tr("Timeline"), makeTimeline(m_workbench), Qt::BottomDockWidgetArea);
  Dock* jobs = add("jobs", tr("Jobs"), new JobsPanel(m_workbench), Qt::BottomDockWidgetArea);
  Dock* log = add("log", tr("Log"), new LogPanel(m_workbench), Qt::BottomDockWidgetArea);
  tabifyDockWidget(timeline, jobs);
  tabifyDockWidget(timeline, log);
  auto* left = new EdgeBar("edgeLeft", tr("Closed docks, left"), Qt::Vertical, this);
  addToolBar(Qt::LeftToolBarArea, left);
  left->watch(library, "layout-sidebar");
  auto* right = new EdgeBar("edgeRight", tr("Closed docks, right"), Qt::Vertical, this);
  addToolBar(Qt::RightToolBarArea, right);
  right->watch(inspector, "layout-sidebar-reverse");
  right->watch(timeline, "clock");
  const auto updateLogDetail = [this, log] {
    const int unread = m_workbench.log().unreadErrors();
    log->setDetail(unread == 0 ? QString() : tr("%n error(s), not read", nullptr, unread));
  };
  connect(&m_workbench.log(), &LogModel::unreadChanged, this, updateLogDetail);
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
    if (QWidget* canvas = currentView() ? currentView()->canvas() : nullptr; canvas && !showsStartPage())
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
  const bool was = showsStartPage();
  m_centre->setCurrentWidget(empty ? static_cast<QWidget*>(m_start) : m_views);
  const QString name = m_sessionPath.isEmpty() ? tr("new session")
                                               : QFileInfo(m_sessionPath).completeBaseName();
  if (auto* label = menuBar()->cornerWidget())
    static_cast<QLabel*>(label)->setText(name + "  ");
  setWindowTitle(tr("%1 - Switchyard Studio").arg(name));
  if (empty == was)
    return;
  for (const char* id : {"library", "inspector", "timeline"})
    dock(id)->setVisible(!empty);
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
  actions.setEnabled("file.export", shown, tr("nothing is open"));
  actions.setEnabled("file.print", shown, tr("nothing is open"));
  actions.setEnabled("edit.copy-image", shown, tr("nothing is open"));
  if (shown)
    actions.action("view.link")->setChecked(shown->isLinked());
}

void MainWindow::updateBottom(quint64 job) {
  // A job that takes more than a second raises its dock once.
  const auto info = m_workbench.jobs().job(job);
  if (info && info->seconds > 1 && !info->isOver() && dock("jobs")->isHidden() &&
      !dock("jobs")->property("raised").toBool()) {
    dock("jobs")->setProperty("raised", true);
    dock("jobs")->show();
  }
}

Dock* MainWindow::dock(const QString& id) const {
  for (Dock* dock : m_docks)
    if (dock->objectName() == id)
      return dock;
  return nullptr;
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

void MainWindow::toggleDock(Dock* wanted) {
  const bool shown = wanted->isVisible() && !wanted->visibleRegion().isEmpty();
  if (shown) {
    wanted->hide();
    return;
  }
  wanted->show();
  wanted->raise();
  if (wanted == dock("log"))
    m_workbench.log().markRead();
  if (QWidget* inside = wanted->content()->nextInFocusChain())
    inside->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::focusDock(int steps) {
  std::vector<QWidget*> places;
  for (Dock* dock : m_docks)
    if (dock->isVisible() && !dock->visibleRegion().isEmpty())
      places.push_back(dock);
  places.push_back(m_centre);
  const QWidget* focus = QApplication::focusWidget();
  const auto at = std::ranges::find_if(
      places, [focus](const QWidget* place) { return focus && place->isAncestorOf(focus); });
  const int count = static_cast<int>(places.size());
  const int from = at == places.end() ? count - 1 : static_cast<int>(at - places.begin());
  QWidget* next = places[static_cast<std::size_t>((from + steps + count) % count)];
  if (next == m_centre) {
    if (QWidget* canvas = currentView() ? currentView()->canvas() : nullptr)
      canvas->setFocus(Qt::ShortcutFocusReason);
    return;
  }
  for (QWidget* inside = next->nextInFocusChain(); inside && next->isAncestorOf(inside);
       inside = inside->nextInFocusChain())
    if (inside->isVisible() && (inside->focusPolicy() & Qt::TabFocus) &&
        inside->parentWidget()->objectName() != "dockTitle") {
      inside->setFocus(Qt::ShortcutFocusReason);
      return;
    }
}

void MainWindow::applyLayout(const QString& name) {
  const Theme& theme = Theme::instance();
  m_collapsed.clear();
  const bool wide = width() >= theme.px(1800);
  const bool content = !m_workbench.document().isEmpty();
  struct Preset {
    bool library, inspector, timeline;
    const char* view;
  };
  const Preset preset = name == "watch"     ? Preset{false, true, true, "live"}
                        : name == "inspect" ? Preset{true, true, true, "experts"}
                        : name == "steer"   ? Preset{true, true, true, "steer"}
                        : name == "compare" ? Preset{true, true, true, "compare"}
                                            : Preset{true, true, true, ""};
  if (name == "reset")
    m_views->joinAll();
  const std::pair<const char*, Qt::DockWidgetArea> places[] = {
      {"library", Qt::LeftDockWidgetArea},     {"inspector", Qt::RightDockWidgetArea},
      {"timeline", Qt::BottomDockWidgetArea}, {"jobs", Qt::BottomDockWidgetArea},
      {"log", Qt::BottomDockWidgetArea}};
  for (const auto& [id, area] : places) {
    dock(id)->setFloating(false);
    addDockWidget(area, dock(id));
  }
  tabifyDockWidget(dock("timeline"), dock("jobs"));
  tabifyDockWidget(dock("timeline"), dock("log"));
  dock("library")->setVisible(content && preset.library);
  dock("inspector")->setVisible(content && preset.inspector);
  dock("timeline")->setVisible(content && preset.timeline);
  dock("jobs")->hide();
  dock("log")->hide();
  dock("library")->setMinimumWidth(theme.px(160));
  dock("inspector")->setMinimumWidth(theme.px(240));
  resizeDocks({dock("library"), dock("inspector")},
              {theme.px(wide ? 260 : 204), theme.px(wide ? 380 : 268)}, Qt::Horizontal);
  resizeDocks({dock("timeline")}, {theme.px(28 + (wide ? 132 : 92))}, Qt::Vertical);
  if (preset.view[0])
    m_views->show(preset.view);
  collapseForSize();
  layout()->invalidate(); // the tab bar of docks that were closed leaves a gap otherwise
  layout()->activate();
}

void MainWindow::collapseForSize() {
  const Theme& theme = Theme::instance();
  const std::pair<const char*, bool> rules[] = {{"library", width() < theme.px(1180)},
                                                {"inspector", width() < theme.px(980)},
                                                {"timeline", height() < theme.px(640)}};
  for (const auto& [id, tooSmall] : rules) {
    Dock* narrow = dock(id);
    const auto collapsed = std::ranges::find(m_collapsed, narrow);
    if (tooSmall && narrow->isVisible() && collapsed == m_collapsed.end()) {
      m_collapsed.push_back(narrow);
      narrow->hide();
    } else if (!tooSmall && collapsed != m_collapsed.end()) {
      m_collapsed.erase(collapsed);
      narrow->show();
    }
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

// Sessions: session_window.cpp.

} // namespace switchyard::studio
