#include <QApplication>
#include <QLineEdit>
#include <QPlainTextEdit>

#include "app/studio/shell/export_view.h"
#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

/// Ctrl+C in a text field is the field's.
bool copiedFromField() {
  QWidget* focus = QApplication::focusWidget();
  if (auto* line = qobject_cast<QLineEdit*>(focus)) {
    line->copy();
    return true;
  }
  if (auto* text = qobject_cast<QPlainTextEdit*>(focus)) {
    text->copy();
    return true;
  }
  return false;
}

void followUndo(ActionTable& actions, QUndoStack& stack) {
  const auto follow = [&actions](const char* id, const QString& plain, const QString& text,
                                 bool can, const QString& reason) {
    QAction* action = actions.action(id);
    action->setText(can && !text.isEmpty() ? plain + " " + text : plain);
    actions.setEnabled(id, can, reason);
  };
  const auto update = [&actions, &stack, follow] {
    follow("edit.undo", tr("&Undo"), stack.undoText(), stack.canUndo(), tr("nothing to undo"));
    follow("edit.redo", tr("&Redo"), stack.redoText(), stack.canRedo(), tr("nothing to redo"));
  };
  QObject::connect(&stack, &QUndoStack::indexChanged, &actions, update);
  update();
}

} // namespace

void addEditActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  MainWindow* w = &window;
  const QString group = tr("Edit");
  QUndoStack& stack = window.workbench().document().undoStack();
  actions.add({"edit.undo", tr("&Undo"), group, {QKeySequence("Ctrl+Z")}, "arrow-counterclockwise"},
              [w, &stack](bool) {
                const QString what = stack.undoText();
                stack.undo();
                w->workbench().notify(tr("Undone: %1").arg(what));
              });
  actions.add({"edit.redo",
               tr("&Redo"),
               group,
               {QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")},
               "arrow-clockwise"},
              [w, &stack](bool) {
                const QString what = stack.redoText();
                stack.redo();
                w->workbench().notify(tr("Done again: %1").arg(what));
              });
  followUndo(actions, stack);
  actions.add({"edit.copy-data",
               tr("&Copy data"),
               group,
               {QKeySequence("Ctrl+C")},
               "clipboard",
               {"csv", "table"}},
              [w](bool) {
                if (copiedFromField())
                  return;
                const QString csv = w->currentView() ? w->currentView()->csv() : QString();
                if (csv.isEmpty())
                  w->workbench().notify(tr("There is no data to copy here."));
                else
                  w->workbench().copyText(csv, tr("the data as CSV"));
              });
  actions.add(
      {"edit.copy-image", tr("Copy &image"), group, {QKeySequence("Ctrl+Shift+C")}, "image"},
      [w](bool) {
        if (w->currentView())
          copyViewImage(w->workbench(), *w->currentView());
      });
  actions.add({"edit.copy-command",
               tr("Copy as co&mmand line"),
               group,
               {QKeySequence("Ctrl+Alt+C")},
               {},
               {"cli", "shell", "terminal"}},
              [w](bool) {
                const QString line = w->currentView() ? w->currentView()->commandLine() : QString();
                if (line.isEmpty())
                  w->workbench().notify(tr("There is no result here that a command line makes."));
                else
                  w->workbench().copyText(line, tr("the command line"));
              });
  actions.add({"edit.find-anything",
               tr("Command &palette"),
               group,
               {QKeySequence("Ctrl+Shift+P")},
               "search",
               {"find", "run", "search"}},
              [w](bool) { w->showPalette({}); });
  actions.add({"edit.go-to", tr("&Go to expert or token…"), group, {QKeySequence("Ctrl+G")}},
              [w](bool) { w->showPalette("L"); });
  actions.add({"edit.preferences",
               tr("P&references…"),
               group,
               {QKeySequence("Ctrl+,")},
               "gear",
               {"settings", "options", "theme", "scale"}},
              [w](bool) { w->showPreferences(); });
}

} // namespace switchyard::studio
