#include "app/studio/report/add_to_report.h"

#include "app/studio/report/report_view.h"
#include "app/studio/shell/window_actions.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return MainWindow::tr(text);
}

/// What the thing calls itself: its figure, table or picture; else its view.
QString titleOf(const jobs::report::Part& part, const View& view, ReportPiece piece) {
  if (piece == ReportPiece::Numbers)
    return tr("%1: numbers").arg(view.title());
  if (!part.pictures.empty())
    return QString::fromStdString(part.pictures.front().title);
  for (const auto& [plugin, result] : part.results) {
    if (!result.figures.empty())
      return QString::fromStdString(result.figures.front().title);
    if (!result.tables.empty())
      return QString::fromStdString(result.tables.front().title);
  }
  return view.title();
}

void addFromCurrent(MainWindow& window, ReportPiece piece) {
  if (View* view = window.currentView(); view && !window.showsStartPage())
    addToReport(*view, piece);
}

} // namespace

void addToReport(View& view, ReportPiece piece) {
  Workbench& workbench = view.workbench();
  std::optional<jobs::report::Part> part = view.reportPart(piece);
  if (!part) {
    workbench.notify(piece == ReportPiece::Numbers
                         ? tr("%1 has no headline numbers.").arg(view.title())
                         : tr("There is nothing in %1 to add yet.").arg(view.title()));
    return;
  }
  auto draft = std::make_shared<ReportDraft>(*workbench.document().report());
  ReportEntry entry;
  entry.id = draft->nextId++;
  entry.title = titleOf(*part, view, piece);
  entry.view = view.id();
  entry.state = view.saveState();
  entry.part = std::make_shared<const jobs::report::Part>(std::move(*part));
  const QString what = tr("Add %1 to the report").arg(entry.title);
  draft->entries.push_back(std::move(entry));
  const auto count = draft->entries.size();
  workbench.document().setReport(std::move(draft), what);
  workbench.notify(count == 1 ? tr("Added to the report; Ctrl+Shift+D shows it.")
                              : tr("Added to the report as entry %1.").arg(count),
                   true);
}

void addReportActions(MainWindow& window) {
  ActionTable& actions = window.workbench().actions();
  MainWindow* w = &window;
  const QString group = tr("Report");
  actions.add({"report.add",
               tr("&Add to report"),
               group,
               {QKeySequence("Ctrl+D")},
               "journal-text",
               {"figure", "table", "keep", "collect"}},
              [w](bool) { addFromCurrent(*w, ReportPiece::Shown); });
  actions.add({"report.add-numbers",
               tr("Add headline &numbers to report"),
               group,
               {QKeySequence("Ctrl+Alt+D")},
               {},
               {"results", "keep", "collect"}},
              [w](bool) { addFromCurrent(*w, ReportPiece::Numbers); });
  actions.add({"report.export",
               tr("Export &report…"),
               group,
               {QKeySequence("Ctrl+Shift+E")},
               "download",
               {"html", "pdf", "markdown", "save"}},
              [w](bool) {
                if (auto* report = qobject_cast<ReportView*>(w->view("report")))
                  report->chooseExport();
              });
  const auto follow = [w, &actions] {
    actions.setEnabled("report.export", !w->workbench().document().report()->entries.empty(),
                       tr("the report has no entries"));
  };
  QObject::connect(&w->workbench().document(), &Document::reportChanged, w, follow);
  follow();
}

} // namespace switchyard::studio
