#include <QMenu>
#include <QMenuBar>

#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

struct MenuSpec {
  const char* title;            ///< translated in MainWindow's context
  std::vector<const char*> ids; ///< "-": a line; "=title": what follows, up to "=", is a submenu
};

const std::vector<MenuSpec>& menus() {
#define SY_TEXT(text) QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", text)
  static const std::vector<MenuSpec> specs = {
      {SY_TEXT("&File"),
       {"file.new",
        "file.open-model",
        "file.open-trace",
        "-",
        "file.demo",
        "file.sample",
        "file.sample-recipe",
        "-",
        "file.save",
        "file.save-as",
        "-",
        "file.export",
        "file.print",
        "-",
        "report.add",
        "report.add-numbers",
        "view.report",
        "report.export",
        "-",
        "file.quit"}},
      {SY_TEXT("&Edit"),
       {"edit.undo", "edit.redo", "-", "edit.copy-data", "edit.copy-image", "edit.copy-command",
        "-", "figure.select-all", "selection.clear", "figure.find", "edit.find-anything",
        "edit.go-to", "-", "edit.preferences"}},
      {SY_TEXT("&View"),
       {"view.live",
        "view.experts",
        "view.coactivation",
        "view.specialization",
        "view.npmi",
        "view.agreement",
        "view.cache",
        "view.steer",
        "view.compare",
        "-",
        "view.table",
        "view.link",
        "view.split",
        "view.float",
        "view.join",
        "view.close",
        "-",
        "=&Layout",
        "layout.watch",
        "layout.inspect",
        "layout.steer",
        "layout.compare",
        "layout.reset",
        "=",
        "=&Theme",
        "view.theme-system",
        "view.theme-light",
        "view.theme-dark",
        "=",
        "=&Size",
        "view.scale-up",
        "view.scale-down",
        "view.scale-reset",
        "=",
        "view.full-screen"}},
      {SY_TEXT("&Run"),
       {"run.generate", "run.play", "run.step", "run.stop", "-", "run.back", "run.forward",
        "run.first", "run.last", "-", "run.record"}},
      {SY_TEXT("&Analyse"),
       {"view.experts", "view.coactivation", "view.specialization", "view.npmi", "view.agreement",
        "view.cache", "view.results", "-", "run.record", "selection.clear-filter"}},
      {SY_TEXT("&Steer"),
       {"selection.ban", "selection.boost", "selection.force", "-", "selection.only-tokens",
        "selection.pin", "selection.swap"}},
      {SY_TEXT("&Compare"), {"view.compare", "view.agreement", "-", "layout.compare"}},
      {SY_TEXT("&Window"),
       {"dock.library", "dock.inspector", "dock.timeline", "dock.jobs", "dock.log", "-",
        "dock.next", "dock.previous", "view.next"}},
      {SY_TEXT("&Help"), {"help.manual", "help.keys", "help.tour", "-", "help.about"}},
  };
#undef SY_TEXT
  return specs;
}

} // namespace

void fillMenus(MainWindow& window) {
  const ActionTable& actions = window.workbench().actions();
  for (const MenuSpec& spec : menus()) {
    QMenu* menu = window.menuBar()->addMenu(MainWindow::tr(spec.title));
    QMenu* target = menu;
    for (const char* id : spec.ids) {
      if (id[0] == '=')
        target = id[1] ? menu->addMenu(MainWindow::tr(id + 1)) : menu;
      else if (id[0] == '-')
        target->addSeparator();
      else if (QAction* action = actions.action(id))
        target->addAction(action);
    }
  }
}

} // namespace switchyard::studio
