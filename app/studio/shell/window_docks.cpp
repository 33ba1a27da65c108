#include <algorithm>
#include <cstdlib>

#include <QApplication>
#include <QLayout>
#include <QStackedWidget>

#include "app/studio/shell/bottom_panels.h"
#include "app/studio/shell/edge_bar.h"
#include "app/studio/shell/library_panel.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

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

Dock* MainWindow::dock(const QString& id) const {
  for (Dock* dock : m_docks)
    if (dock->objectName() == id)
      return dock;
  return nullptr;
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
  m_collapsed.clear();
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
      {"library", Qt::LeftDockWidgetArea},
      {"inspector", Qt::RightDockWidgetArea},
      {"timeline", Qt::BottomDockWidgetArea},
      {"jobs", Qt::BottomDockWidgetArea},
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
  if (preset.view[0])
    m_views->show(preset.view);
  sizeDocks();
  collapseForSize();
  layout()->invalidate(); // the tab bar of docks that were closed leaves a gap otherwise
  layout()->activate();
}

void MainWindow::sizeDocks() {
  const Theme& theme = Theme::instance();
  const bool wide = isWide();
  dock("library")->setMinimumWidth(theme.px(160));
  dock("inspector")->setMinimumWidth(theme.px(240));
  resizeDocks({dock("library"), dock("inspector")},
              {theme.px(wide ? 260 : 204), theme.px(wide ? 380 : 268)}, Qt::Horizontal);
  resizeDocks({dock("timeline")}, {timelineHeight(currentView())}, Qt::Vertical);
}

bool MainWindow::isWide() const {
  return width() >= Theme::instance().px(1800);
}

int MainWindow::timelineHeight(const View* view) const {
  const bool low = view && (view->id() == "live" || view->id() == "steer"); // they need the height
  return Theme::instance().px(28 + (isWide() ? 132 : low ? 74 : 92));
}

void MainWindow::fitTimeline() {
  Dock* timeline = dock("timeline");
  if (!timeline->isVisible() || timeline->isFloating())
    return;
  // A height that the user has chosen stays.
  const bool designed = std::ranges::any_of(m_views->views(), [&](const View* view) {
    return std::abs(timeline->height() - timelineHeight(view)) <= 1;
  });
  if (designed && std::abs(timeline->height() - timelineHeight(currentView())) > 1)
    resizeDocks({timeline}, {timelineHeight(currentView())}, Qt::Vertical);
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

} // namespace switchyard::studio
