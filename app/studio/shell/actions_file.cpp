#include <QFileDialog>
#include <QStandardPaths>

#include "app/studio/shell/examples.h"
#include "app/studio/shell/export_view.h"
#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

/// The dialog runs beside the event loop; nothing waits for it.
void chooseFile(MainWindow& window, const QString& title, const QString& filter,
                QFileDialog::FileMode mode) {
  auto* dialog = new QFileDialog(&window, title);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(mode);
  if (mode == QFileDialog::Directory)
    dialog->setOption(QFileDialog::ShowDirsOnly);
  else
    dialog->setNameFilters(filter.split(";;"));
  if (const QString start = window.settings().recentFiles().value(0); !start.isEmpty())
    dialog->setDirectory(QFileInfo(start).absolutePath());
  QObject::connect(dialog, &QFileDialog::filesSelected, &window,
                   [&window](const QStringList& paths) {
                     for (const QString& path : paths)
                       window.workbench().openFile(path);
                   });
  dialog->open();
}

void chooseTarget(MainWindow& window, const QString& title, const QString& filter,
                  const QString& suggestion, std::function<void(const QString&)> then) {
  auto* dialog = new QFileDialog(&window, title);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setNameFilters(filter.split(";;"));
  dialog->setDefaultSuffix(QFileInfo(suggestion).suffix());
  dialog->selectFile(suggestion);
  QObject::connect(dialog, &QFileDialog::fileSelected, &window, std::move(then));
  dialog->open();
}

} // namespace

void addFileActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  const QString group = tr("File");
  MainWindow* w = &window;
  actions.add({"file.new", tr("&New session"), group, {QKeySequence("Ctrl+N")}, "file-earmark"},
              [w](bool) { w->newSession(); });
  actions.add({"file.open-model",
               tr("&Open model…"),
               group,
               {QKeySequence("Ctrl+O")},
               "folder2-open",
               {"checkpoint", "load"}},
              [w](bool) { chooseFile(*w, tr("Open a model folder"), {}, QFileDialog::Directory); });
  actions.add({"file.open-trace",
               tr("Open &trace, session or other file…"),
               group,
               {QKeySequence("Ctrl+Shift+O")},
               "soundwave",
               {"recipe", "prompt set", "results", "swy"}},
              [w](bool) {
                chooseFile(*w, tr("Open"),
                           tr("All that opens (*.swy *.sysession *.json *.jsonl *.txt);;Traces "
                              "(*.swy);;Sessions (*.sysession);;Recipes and results "
                              "(*.json);;Prompt sets (*.jsonl *.txt);;All files (*)"),
                           QFileDialog::ExistingFiles);
              });
  actions.add({"file.save", tr("&Save session"), group, {QKeySequence("Ctrl+S")}},
              [w, &actions](bool) {
                if (w->sessionPath().isEmpty())
                  actions.action("file.save-as")->trigger();
                else
                  w->saveSession(w->sessionPath());
              });
  actions.add(
      {"file.save-as", tr("Save session &as…"), group, {QKeySequence("Ctrl+Shift+S")}}, [w](bool) {
        chooseTarget(*w, tr("Save the session"), tr("Sessions (*.sysession)"),
                     w->sessionPath().isEmpty() ? tr("session") + ".sysession" : w->sessionPath(),
                     [w](const QString& path) { w->saveSession(path); });
      });
  actions.add({"file.export",
               tr("&Export view…"),
               group,
               {QKeySequence("Ctrl+E")},
               "download",
               {"png", "svg", "pdf", "csv", "save as", "picture"}},
              [w](bool) {
                View* view = w->currentView();
                if (!view)
                  return;
                const QPointer<View> kept = view;
                chooseTarget(*w, tr("Export %1").arg(view->title()),
                             tr("PNG image (*.png);;SVG drawing (*.svg);;PDF document "
                                "(*.pdf);;CSV table (*.csv)"),
                             view->id() + ".png", [w, kept](const QString& path) {
                               if (kept)
                                 exportView(w->workbench(), *kept, path);
                             });
              });
  actions.add(
      {"file.print", tr("&Print or PDF…"), group, {QKeySequence("Ctrl+P")}, "printer"}, [w](bool) {
        View* view = w->currentView();
        if (!view)
          return;
        const QPointer<View> kept = view;
        chooseTarget(*w, tr("Write %1 as PDF").arg(view->title()), tr("PDF document (*.pdf)"),
                     view->id() + ".pdf", [w, kept](const QString& path) {
                       if (kept)
                         exportView(w->workbench(), *kept, path);
                     });
      });
  actions.add({"file.demo", tr("Open &demo model"), group, {}, "cpu", {"example", "live"}},
              [w](bool) { openDemoModel(w->workbench()); });
  actions.add({"file.sample", tr("Open sample trace"), group, {}, "soundwave", {"example"}},
              [w](bool) { openSampleTrace(w->workbench()); });
  actions.add({"file.sample-recipe", tr("Open sample recipe"), group, {}, "sliders", {"example"}},
              [w](bool) { openSampleRecipe(w->workbench()); });
  actions.add({"file.quit", tr("&Quit"), group, {QKeySequence("Ctrl+Q")}, {}, {"exit", "close"}},
              [w](bool) { w->close(); });
  actions.add({"run.record",
               tr("&Record prompt set"),
               tr("Run"),
               {QKeySequence("Ctrl+Shift+R")},
               "record-fill",
               {"capture", "trace"}},
              [w](bool) {
                Document& document = w->workbench().document();
                const ItemKey model = document.current(ItemKind::Model);
                const ItemKey prompts = document.current(ItemKind::PromptSet);
                if (model == 0 || prompts == 0)
                  w->workbench().notify(model == 0 ? tr("Open a model first.")
                                                   : tr("Open a prompt set first."));
                else
                  recordPrompts(w->workbench(), model, prompts);
              });
}

} // namespace switchyard::studio
