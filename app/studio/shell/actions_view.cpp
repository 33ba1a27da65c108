#include <QActionGroup>

#include "app/studio/shell/view_list.h"
#include "app/studio/shell/window_actions.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

void addTheme(MainWindow& window, ActionTable& actions, const QString& group) {
  auto* choices = new QActionGroup(&window);
  MainWindow* w = &window;
  const std::pair<const char*, QString> names[] = {
      {"view.theme-system", tr("Theme: follow the &system")},
      {"view.theme-light", tr("Theme: &light")},
      {"view.theme-dark", tr("Theme: &dark")}};
  int choice = 0;
  for (const auto& [id, title] : names) {
    ActionSpec spec{id, title, group, {}, {}, {"appearance", "colour"}};
    spec.checkable = true;
    QAction* action = actions.add(spec, [w, choice](bool) {
      Theme::instance().setChoice(static_cast<ThemeChoice>(choice));
      w->settings().saveTheme();
    });
    choices->addAction(action);
    action->setChecked(static_cast<int>(Theme::instance().choice()) == choice);
    ++choice;
  }
  QObject::connect(&Theme::instance(), &Theme::changed, &window, [choices] {
    choices->actions()[static_cast<int>(Theme::instance().choice())]->setChecked(true);
  });
}

void addDocks(MainWindow& window, ActionTable& actions, const QString& group) {
  const std::pair<const char*, const char*> docks[] = {{"library", "layout-sidebar"},
                                                       {"inspector", "layout-sidebar-reverse"},
                                                       {"timeline", "clock"},
                                                       {"jobs", "list-task"},
                                                       {"log", "journal-text"}};
  MainWindow* w = &window;
  int number = 1;
  for (const auto& [id, image] : docks) {
    Dock* dock = window.dock(id);
    ActionSpec spec{QString("dock.") + id,
                    dock->windowTitle(),
                    group,
                    {QKeySequence(QString("Alt+%1").arg(number++))},
                    image,
                    {"dock", "panel"}};
    actions.add(spec, [w, dock](bool) { w->toggleDock(dock); });
  }
  actions.add({"dock.next", tr("Next dock"), group, {QKeySequence("F6")}},
              [w](bool) { w->focusDock(1); });
  actions.add({"dock.previous", tr("Previous dock"), group, {QKeySequence("Shift+F6")}},
              [w](bool) { w->focusDock(-1); });
}

void addScale(MainWindow& window, ActionTable& actions, const QString& group) {
  MainWindow* w = &window;
  const auto scale = [w](int percent) {
    Theme::instance().setScalePercent(percent);
    w->settings().saveTheme();
    w->workbench().notify(tr("UI scale %1 %").arg(Theme::instance().scalePercent()));
  };
  actions.add({"view.scale-up",
               tr("&Larger"),
               group,
               {QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")},
               {},
               {"zoom", "scale", "bigger"}},
              [scale](bool) { scale(Theme::instance().scalePercent() + 10); });
  actions.add(
      {"view.scale-down", tr("&Smaller"), group, {QKeySequence("Ctrl+-")}, {}, {"zoom", "scale"}},
      [scale](bool) { scale(Theme::instance().scalePercent() - 10); });
  actions.add({"view.scale-reset", tr("&Normal size"), group, {QKeySequence("Ctrl+0")}},
              [scale](bool) { scale(100); });
}

} // namespace

void addViewActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  MainWindow* w = &window;
  const QString group = tr("View");
  int number = 1;
  for (const ViewEntry& entry : viewList()) {
    ActionSpec spec{"view." + entry.id, entry.title, group, {}, {}, {"go to", "show"}};
    if (number <= 9)
      spec.keys << QKeySequence(QString("Ctrl+%1").arg(number++));
    else if (entry.id == "report")
      spec.keys << QKeySequence("Ctrl+Shift+D");
    actions.add(spec, [w, id = entry.id](bool) { w->workbench().showView(id); });
  }
  actions.add({"view.next", tr("Ne&xt view"), group, {QKeySequence("Ctrl+Tab")}},
              [w](bool) { w->viewArea().showNext(1); });
  actions.add({"view.close", tr("&Close view"), group, {QKeySequence("Ctrl+W")}},
              [w](bool) { w->viewArea().closeCurrent(); });
  actions.add({"view.split", tr("Split &right"), group, {}, {}, {"beside", "two views"}},
              [w](bool) { w->viewArea().splitRight(); });
  actions.add({"view.float", tr("&Float view"), group, {}, "box-arrow-up-right", {"window"}},
              [w](bool) { w->viewArea().floatCurrent(); });
  actions.add({"view.join", tr("All views in &one group"), group, {}, {}, {"unsplit"}},
              [w](bool) { w->viewArea().joinAll(); });
  actions.add({"view.table", tr("&Table ↔ figure"), group, {QKeySequence("Ctrl+T")}, "table"},
              [w](bool) {
                View* view = w->currentView();
                if (view && view->hasTable())
                  view->setShowsTable(!view->showsTable());
                else
                  w->workbench().notify(tr("This view has no table."));
              });
  ActionSpec link{"view.link", tr("L&ink selection"), group, {}, "link-45deg", {"linked"}};
  link.checkable = true;
  actions.add(link, [w](bool on) {
    if (w->currentView())
      w->currentView()->setLinked(on);
  });
  addDocks(window, actions, group);
  for (const auto& [id, title] : {std::pair<const char*, QString>{"watch", tr("Layout: &Watch")},
                                  {"inspect", tr("Layout: &Inspect")},
                                  {"steer", tr("Layout: &Steer")},
                                  {"compare", tr("Layout: &Compare")},
                                  {"reset", tr("Layout: &Reset")}})
    actions.add({QString("layout.") + id, title, group, {}, "window-dock"},
                [w, name = QString(id)](bool) { w->applyLayout(name); });
  addTheme(window, actions, group);
  addScale(window, actions, group);
  actions.add({"view.full-screen", tr("F&ull screen"), group, {QKeySequence("F11")}},
              [w](bool) { w->isFullScreen() ? w->showNormal() : w->showFullScreen(); });
}

} // namespace switchyard::studio
