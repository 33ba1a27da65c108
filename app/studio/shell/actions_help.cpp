#include <QCoreApplication>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QUrl>

#include "app/studio/shell/examples.h"
#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

/// The document of the window, installed or in the source tree; empty if there is none.
QString manualPath() {
  const QString data = exampleFolder();
  const QDir program(QCoreApplication::applicationDirPath());
  for (const QString& path : {program.absoluteFilePath("../share/doc/Switchyard/studio.md"),
                              data + "/../resources/docs/studio.md"})
    if (QFileInfo::exists(path))
      return QDir::cleanPath(path);
  return {};
}

} // namespace

void addHelpActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  MainWindow* w = &window;
  const QString group = tr("Help");
  actions.add({"help.manual",
               tr("&Manual"),
               group,
               {QKeySequence("F1")},
               "question-circle",
               {"docs", "documentation", "help"}},
              [w](bool) {
                const QString path = manualPath();
                if (path.isEmpty())
                  w->workbench().notify(tr("The manual is not installed."));
                else
                  QDesktopServices::openUrl(QUrl::fromLocalFile(path));
              });
  actions.add({"help.keys",
               tr("&Keyboard map"),
               group,
               {QKeySequence("?")},
               "keyboard",
               {"shortcuts", "hotkeys"}},
              [w](bool) { w->showKeys(); });
  actions.add({"help.tour", tr("&Quick tour, 3 hints"), group, {}, "info-circle"},
              [w](bool) { w->startTour(); });
  actions.add({"help.about", tr("&About Switchyard Studio"), group, {}, {}, {"version"}},
              [w](bool) {
                w->workbench().notify(tr("Switchyard Studio %1, Apache-2.0. Icons: Bootstrap "
                                         "Icons, MIT.")
                                          .arg(QCoreApplication::applicationVersion()));
              });
}

} // namespace switchyard::studio
