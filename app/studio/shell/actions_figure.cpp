#include "app/studio/shell/boost_popup.h"
#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

struct Dispatched {
  const char* id;
  const char* title; ///< translated in this context
  const char* group;
  std::vector<const char*> keys;
  const char* icon = "";
  ActionScope scope = ActionScope::Figure;
};

/// Actions that the current view, or else any view, handles.
const std::vector<Dispatched>& dispatched() {
  static const char* run = QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Run");
  static const char* figure = QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Figure");
  static const std::vector<Dispatched> table = {
      {"run.generate",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "&Generate"),
       run,
       {"Ctrl+Return", "Ctrl+Enter"},
       "play-fill",
       ActionScope::Window},
      {"run.play",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "&Play or pause"),
       run,
       {"Space"},
       "play-fill"},
      {"run.step",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "&Step one token"),
       run,
       {"N"},
       "skip-end-fill"},
      {"run.stop",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "S&top"),
       run,
       {"Shift+Esc"},
       "stop-fill",
       ActionScope::Window},
      {"run.back", QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Token back"), run, {","}},
      {"run.forward", QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Token on"), run, {"."}},
      {"run.first",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "First token"),
       run,
       {"Home"}},
      {"run.last", QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Last token"), run, {"End"}},
      {"figure.move-left",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Primary cell left"),
       figure,
       {"Left"}},
      {"figure.move-right",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Primary cell right"),
       figure,
       {"Right"}},
      {"figure.move-up",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Primary cell up"),
       figure,
       {"Up"}},
      {"figure.move-down",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Primary cell down"),
       figure,
       {"Down"}},
      {"figure.extend-left",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Extend set left"),
       figure,
       {"Shift+Left"}},
      {"figure.extend-right",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Extend set right"),
       figure,
       {"Shift+Right"}},
      {"figure.extend-up",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Extend set up"),
       figure,
       {"Shift+Up"}},
      {"figure.extend-down",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Extend set down"),
       figure,
       {"Shift+Down"}},
      {"figure.toggle",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Add to or take from the set"),
       figure,
       {"M"}},
      {"figure.open",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Open the primary item"),
       figure,
       {"Return", "Enter"}},
      {"figure.select-all",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Select all"),
       figure,
       {"Ctrl+A"}},
      {"figure.find",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "&Find in view"),
       figure,
       {"Ctrl+F"},
       "search",
       ActionScope::Window},
      {"figure.fit", QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "F&it"), figure, {"F"}},
      {"figure.zoom-in",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Zoom in"),
       figure,
       {"W"}},
      {"figure.zoom-out",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Zoom out"),
       figure,
       {"S"}},
      {"figure.scroll-left",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Scroll left"),
       figure,
       {"A"}},
      {"figure.scroll-right",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Scroll right"),
       figure,
       {"D"}},
      {"figure.used-only",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "All experts ↔ used only"),
       figure,
       {"U"}},
      {"figure.follow",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Follow the end"),
       figure,
       {"E"}},
      {"figure.previous-layer",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Previous layer"),
       figure,
       {"["}},
      {"figure.next-layer",
       QT_TRANSLATE_NOOP("switchyard::studio::MainWindow", "Next layer"),
       figure,
       {"]"}},
  };
  return table;
}

} // namespace

const QStringList& dispatchedActions() {
  static const QStringList ids = [] {
    QStringList list;
    for (const Dispatched& action : dispatched())
      list << action.id;
    return list;
  }();
  return ids;
}

void addFigureActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  MainWindow* w = &window;
  for (const Dispatched& action : dispatched()) {
    ActionSpec spec{action.id, tr(action.title), tr(action.group)};
    for (const char* key : action.keys)
      spec.keys << QKeySequence(key);
    spec.icon = action.icon;
    spec.scope = action.scope;
    actions.add(spec, [w, id = QString(action.id)](bool) { w->dispatch(id); });
  }
}

void addSelectionActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  Workbench* bench = &window.workbench();
  MainWindow* w = &window;
  const QString group = tr("Steer");
  const auto add = [&](const char* id, const QString& title, const char* key, const char* image,
                       std::function<void(const ExpertKey&)> run) {
    ActionSpec spec{id, title, group, {QKeySequence(key)}, image};
    spec.scope = ActionScope::Figure;
    actions.add(spec, [bench, run = std::move(run)](bool) {
      if (const auto expert = bench->selection().primaryExpert())
        run(*expert);
    });
  };
  add("selection.ban", tr("&Ban expert"), "X", "slash-circle",
      [bench](const ExpertKey& expert) { bench->steer(SteerStep::Ban, expert); });
  add("selection.force", tr("&Force expert"), "Shift+X", "node-plus",
      [bench](const ExpertKey& expert) { bench->steer(SteerStep::Force, expert); });
  add("selection.boost", tr("B&oost expert…"), "B", "lightning",
      [bench, w](const ExpertKey& expert) { showBoostPopup(*bench, expert, w); });
  add("selection.only-tokens", tr("Show only its &tokens"), "Shift+F", "funnel",
      [bench](const ExpertKey& expert) {
        TokenFilter filter = bench->selection().filter();
        filter.routedTo = filter.routedTo == expert ? std::nullopt : std::optional(expert);
        bench->selection().setFilter(filter);
      });
  ActionSpec pin{"selection.pin", tr("&Pin as reference"), group, {QKeySequence("P")}, "pin-angle"};
  pin.scope = ActionScope::Figure;
  actions.add(pin, [bench](bool) {
    Selection& selection = bench->selection();
    Mark wanted;
    if (selection.primaryExpert())
      wanted = *selection.primaryExpert();
    else if (selection.primaryToken())
      wanted = *selection.primaryToken();
    selection.setPin(selection.pin() == wanted ? Mark() : wanted);
  });
  ActionSpec swap{
      "selection.swap", tr("&Swap with pin"), group, {QKeySequence("Shift+P")}, "arrow-left-right"};
  swap.scope = ActionScope::Figure;
  actions.add(swap, [bench](bool) { bench->selection().swapWithPin(); });
  ActionSpec clear{
      "selection.clear", tr("&Clear selection"), group, {QKeySequence("Esc")}, "eraser"};
  clear.scope = ActionScope::Figure;
  actions.add(clear, [bench](bool) { bench->selection().escape(); });
  actions.add({"selection.clear-filter", tr("Clear token fi&lter"), group, {}, "funnel"},
              [bench](bool) { bench->selection().setFilter({}); });

  const auto update = [bench] {
    const Selection& selection = bench->selection();
    ActionTable& table = bench->actions();
    const bool expert = selection.primaryExpert().has_value();
    for (const char* id :
         {"selection.ban", "selection.force", "selection.boost", "selection.only-tokens"})
      table.setEnabled(id, expert, tr("no expert is selected"));
    table.setEnabled("selection.pin", expert || selection.primaryToken(),
                     tr("nothing is selected"));
    table.setEnabled("selection.swap", selection.pin().index() != 0, tr("nothing is pinned"));
    table.setEnabled("selection.clear-filter", !selection.filter().isEmpty(),
                     tr("no filter is set"));
  };
  for (const auto signal : {&Selection::expertsChanged, &Selection::tokensChanged,
                            &Selection::pinChanged, &Selection::filterChanged})
    QObject::connect(&bench->selection(), signal, w, update);
  update();
}

} // namespace switchyard::studio
