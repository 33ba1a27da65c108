// "Add to report" on every view, the report editor, undo, session, export.

#include <cmath>

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QToolButton>

#include "app/studio/document/report_draft.h"
#include "app/studio/report/add_to_report.h"
#include "app/studio/report/report_view.h"
#include "app/studio/session/session_file.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/plugin_view.h"
#include "tests/studio/views/traces.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::TempFolder;
using tests::waitFor;

/// The window over the demo trace, the experts view in front.
struct Window {
  Workbench workbench{tests::builtPlugins()};
  MainWindow window{workbench};
  Window() {
    window.show();
    EXPECT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  }
  Document& document() { return workbench.document(); }
  const ReportDraft& draft() { return *document().report(); }
  ReportView& report() { return *qobject_cast<ReportView*>(window.view("report")); }
  void trigger(const char* id) { workbench.actions().action(id)->trigger(); }
  bool show(const char* id) {
    workbench.showView(id);
    return idle() && window.currentView()->stateText().isEmpty();
  }
  bool idle() {
    return waitFor([&] { return workbench.jobs().active() == 0; }) &&
           waitFor(
               [&] { return !window.currentView() || window.currentView()->stateText().isEmpty(); },
               3000);
  }
  QStringList titles() {
    QStringList all;
    for (const ReportEntry& entry : draft().entries)
      all << entry.title;
    return all;
  }
};

/// A part with one table, made up.
ReportEntry madeUp(int id, const char* title) {
  jobs::report::Part part;
  part.program = "switchyard 1";
  part.command = std::string("switchyard analyze ") + title;
  trace::AnalysisResult result;
  result.tables.push_back({"t", title, {{"n", "tokens", ""}}, {{std::int64_t{id}}}});
  part.results.emplace_back("load", result);
  return {id, title, "", "experts", "", std::make_shared<const jobs::report::Part>(part)};
}

void addMadeUp(Document& document, std::initializer_list<const char*> titles) {
  auto draft = std::make_shared<ReportDraft>(*document.report());
  for (const char* title : titles)
    draft->entries.push_back(madeUp(draft->nextId++, title));
  document.setReport(std::move(draft), "Add");
}

TEST(AddToReport, TakesTheFigureAsShownAndHowItWasMade) {
  Window w;
  ASSERT_TRUE(w.show("experts"));
  auto* experts = qobject_cast<ExpertsView*>(w.window.view("experts"));
  EXPECT_EQ(w.workbench.actions().action("report.add")->shortcut(), QKeySequence("Ctrl+D"));
  w.trigger("report.add");
  ASSERT_EQ(w.draft().entries.size(), 1u);
  const ReportEntry entry = w.draft().entries.front();
  EXPECT_EQ(entry.title, "Load by expert");
  EXPECT_EQ(entry.view, "experts");
  EXPECT_EQ(entry.state, experts->saveState());
  EXPECT_EQ(entry.part->command, experts->commandLine().toStdString());
  EXPECT_EQ(entry.part->traceFile, tests::demoTrace().string());
  EXPECT_FALSE(entry.part->traceId.empty());
  ASSERT_EQ(entry.part->results.front().second.figures.size(), 1u);
  const auto& map =
      std::get<trace::Heatmap>(entry.part->results.front().second.figures.front().content);
  EXPECT_EQ(map.x.labels.size(), 32u);
  EXPECT_EQ(map.y.labels, (std::vector<std::string>{"L0", "L1", "L2", "L3", "L4", "L5"}));
  const auto& shown =
      dynamic_cast<HeatmapScene*>(experts->panels().front()->figure()->scene())->data();
  EXPECT_EQ(map.values, shown.spec.values);
  EXPECT_EQ(map.neutral, 1.0);
  EXPECT_GT(entry.part->results.front().second.provenance.tokens, 0);
  // Another state of the view is another entry; the first stays as it was.
  experts->setFilter("busy");
  experts->setShowsTable(true);
  w.trigger("report.add");
  experts->setShowsTable(false);
  w.trigger("report.add");
  w.trigger("report.add-numbers");
  ASSERT_EQ(w.draft().entries.size(), 4u);
  EXPECT_EQ(w.draft().entries[0], entry);
  const auto& table = w.draft().entries[1].part->results.front().second.tables.front();
  EXPECT_EQ(table.rows.size(), 6u * 32);
  const auto& filtered = std::get<trace::Heatmap>(
      w.draft().entries[2].part->results.front().second.figures.front().content);
  for (std::size_t i = 0; i < filtered.values.size(); ++i)
    EXPECT_EQ(std::isnan(filtered.values[i]), !(map.values[i] > 1)) << i;
  EXPECT_FALSE(w.draft().entries[3].part->results.front().second.headlines.empty());
  EXPECT_NE(w.draft().entries[2].id, w.draft().entries[3].id);
}

TEST(AddToReport, EveryViewGivesSomethingOrSaysWhy) {
  Window w;
  QStringList added;
  for (const ViewEntry& view : viewList()) {
    if (view.id == "report")
      continue;
    w.show(view.id.toStdString().c_str());
    if (auto* results = qobject_cast<PluginView*>(w.window.view(view.id))) {
      results->run();
      w.idle();
    }
    const std::size_t before = w.draft().entries.size();
    QString said;
    const auto heard = QObject::connect(&w.workbench, &Workbench::notified,
                                        [&](const QString& text) { said = text; });
    w.trigger("report.add");
    QObject::disconnect(heard);
    EXPECT_FALSE(said.isEmpty()) << view.id.toStdString();
    const bool grew = w.draft().entries.size() == before + 1;
    const bool waits = !w.window.currentView()->stateText().isEmpty();
    EXPECT_TRUE(grew || waits) << view.id.toStdString() << ": " << said.toStdString();
    if (grew) {
      const ReportEntry& entry = w.draft().entries.back();
      EXPECT_FALSE(entry.title.isEmpty()) << view.id.toStdString();
      EXPECT_FALSE(entry.part->results.empty() && entry.part->pictures.empty());
      added << view.id;
    }
  }
  for (const char* view : {"experts", "coactivation", "specialization", "cache", "results"})
    EXPECT_TRUE(added.contains(view)) << view << " of " << added.join(' ').toStdString();
  w.workbench.showView("report");
  EXPECT_FALSE(w.workbench.actions().action("report.add")->isEnabled());
  // What all that makes is a document that can be written and read.
  const auto text = jobs::report::toJson(jobs::report::Description{toDocument(w.draft()), {}, {}});
  EXPECT_TRUE(jobs::report::parseDescription(text, {}));
}

TEST(ReportEditor, EveryChangeIsOneStepThatGoesBackAndForth) {
  Document document;
  EntryList list(document);
  const QAbstractItemModelTester tester(list.model(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  addMadeUp(document, {"a", "b", "c"});
  ReportEdits& edits = list.edits();
  std::vector<ReportDraft> states = {ReportDraft(), *document.report()};
  const auto step = [&](const std::function<void()>& change) {
    const int before = document.undoStack().index();
    change();
    EXPECT_EQ(document.undoStack().index(), before + 1);
    EXPECT_FALSE(document.undoStack().undoText().isEmpty());
    states.push_back(*document.report());
  };
  step([&] { edits.setTitle(" Early and final "); });
  step([&] { edits.setQuestion("Which moved?"); });
  step([&] { edits.move(0, 2); });
  step([&] { edits.move(2, 1); });
  step([&] { edits.setEntryTitle(3, "C"); });
  step([&] { edits.setNote(3, "seen\nhere"); });
  step([&] { edits.remove(2); });
  EXPECT_EQ(document.report()->title, "Early and final");
  ASSERT_EQ(document.report()->entries.size(), 2u);
  EXPECT_EQ(document.report()->entries[0].title, "a");
  EXPECT_EQ(document.report()->entries[1].title, "C");
  // Nothing that is not a change is a step.
  const int index = document.undoStack().index();
  edits.setTitle("Early and final");
  edits.setNote(3, "seen\nhere");
  edits.setEntryTitle(3, "  ");
  edits.move(0, 0);
  edits.move(0, 5);
  edits.remove(99);
  EXPECT_EQ(document.undoStack().index(), index);
  for (std::size_t at = states.size() - 1; at > 0; --at) {
    EXPECT_EQ(*document.report(), states[at]);
    document.undoStack().undo();
  }
  EXPECT_EQ(*document.report(), states[0]);
  for (std::size_t at = 1; at < states.size(); ++at) {
    document.undoStack().redo();
    EXPECT_EQ(*document.report(), states[at]);
  }
}

TEST(ReportEditor, UndoOutlinesTheEntryThatItChanged) {
  Document document;
  EntryList list(document);
  list.resize(300, 300);
  list.show();
  addMadeUp(document, {"a", "b", "c"});
  list.edits().setNote(3, "seen");
  list.edits().setTitle("Early and final");
  const auto outline = [&] { return list.viewport()->findChild<QWidget*>("undoFlash"); };
  document.undoStack().undo(); // the title is no entry
  EXPECT_EQ(outline(), nullptr);
  document.undoStack().undo();
  ASSERT_TRUE(outline());
  EXPECT_EQ(outline()->geometry(), list.visualRect(list.model()->index(2, 0)));
}

TEST(ReportEditor, KeysAndDragReorderAndRemove) {
  Window w;
  addMadeUp(w.document(), {"a", "b", "c"});
  w.workbench.showView("report");
  EntryList& list = w.report().list();
  EXPECT_EQ(list.accessibleName(), "Entries of the report");
  list.setFocus();
  list.setCurrentId(1);
  QTest::keyClick(&list, Qt::Key_Down, Qt::AltModifier);
  EXPECT_EQ(w.titles(), (QStringList{"b", "a", "c"}));
  EXPECT_EQ(list.currentId(), 1); // the same entry
  QTest::keyClick(&list, Qt::Key_Down, Qt::AltModifier);
  QTest::keyClick(&list, Qt::Key_Down, Qt::AltModifier); // the end: stays
  EXPECT_EQ(w.titles(), (QStringList{"b", "c", "a"}));
  QTest::keyClick(&list, Qt::Key_Up, Qt::AltModifier);
  EXPECT_EQ(w.titles(), (QStringList{"b", "a", "c"}));
  // Dropped on the lower half of the last row: behind it.
  list.setCurrentId(2);
  const QRect last = list.visualRect(list.model()->index(2, 0));
  const QMimeData data;
  QDropEvent drop(QPointF(last.center().x(), last.bottom() - 2), Qt::MoveAction, &data,
                  Qt::LeftButton, Qt::NoModifier);
  // Without a window system there is no drag whose target could be asked.
  struct Opened : EntryList {
    using EntryList::dropEvent;
  };
  (list.*&Opened::dropEvent)(&drop);
  EXPECT_EQ(w.titles(), (QStringList{"a", "c", "b"}));
  QTest::keyClick(&list, Qt::Key_Delete);
  EXPECT_EQ(w.titles(), (QStringList{"a", "c"}));
  EXPECT_EQ(list.currentId(), 3); // what took its place, or the last
  w.document().undoStack().undo();
  EXPECT_EQ(w.titles(), (QStringList{"a", "c", "b"}));
  // Every control has a name for those who do not see it.
  for (QToolButton* button : w.report().findChildren<QToolButton*>())
    if (button->isVisible()) {
      EXPECT_FALSE(button->accessibleName().isEmpty() && button->text().isEmpty());
    }
  for (QLineEdit* field : w.report().findChildren<QLineEdit*>())
    EXPECT_FALSE(field->accessibleName().isEmpty());
}

TEST(ReportEditor, FieldsFollowTheEntryAndUndo) {
  Window w;
  addMadeUp(w.document(), {"a", "b"});
  w.workbench.showView("report");
  ReportView& report = w.report();
  report.list().setCurrentId(1);
  EXPECT_EQ(report.entryTitleField().text(), "a");
  QTest::keyClicks(&report.titleField(), "A title");
  QTest::keyClick(&report.titleField(), Qt::Key_Return);
  QTest::keyClicks(&report.noteField(), "about a");
  report.list().setCurrentId(2); // what was typed belongs to the first entry
  EXPECT_EQ(w.draft().entries[0].note, "about a");
  EXPECT_EQ(w.draft().entries[1].note, "");
  EXPECT_EQ(report.noteField().toPlainText(), "");
  EXPECT_EQ(w.draft().title, "A title");
  w.document().undoStack().undo();
  EXPECT_EQ(w.draft().entries[0].note, "");
  w.document().undoStack().undo();
  EXPECT_EQ(w.draft().title, "");
  EXPECT_EQ(report.titleField().text(), "");
}

TEST(ReportEditor, ShowsAnEntryInItsViewAsItWasThen) {
  Window w;
  ASSERT_TRUE(w.show("experts"));
  auto* experts = qobject_cast<ExpertsView*>(w.window.view("experts"));
  experts->setOrder("value");
  w.trigger("report.add");
  experts->setOrder("id");
  w.workbench.showView("report");
  w.report().showInView(w.draft().entries.front().id);
  EXPECT_EQ(w.window.currentView()->id(), "experts");
  EXPECT_NE(experts->saveState().indexOf("\"order\":\"value\""), -1)
      << experts->saveState().toStdString();
}

TEST(ReportEditor, PreviewDrawsThePages) {
  Window w;
  w.workbench.showView("report");
  EXPECT_EQ(w.report().preview().pages(), 0);
  EXPECT_FALSE(w.workbench.actions().action("report.export")->isEnabled());
  addMadeUp(w.document(), {"a", "b"});
  EXPECT_TRUE(w.workbench.actions().action("report.export")->isEnabled());
  ASSERT_TRUE(waitFor([&] { return w.report().preview().pages() == 1; }, 60000));
  // Paper is white in the dark, too.
  const QImage grabbed = w.report().preview().grab().toImage();
  int white = 0;
  for (int x = 0; x < grabbed.width(); ++x)
    white += qGray(grabbed.pixel(x, grabbed.height() / 2)) > 250 ? 1 : 0;
  EXPECT_GT(white, grabbed.width() / 2);
}

TEST(ReportEditor, ExportsByTheJobOfTheCommandLine) {
  const TempFolder folder;
  Window w;
  ASSERT_TRUE(w.show("experts"));
  w.trigger("report.add");
  w.workbench.showView("report");
  QTest::keyClicks(&w.report().titleField(), "<i>Mine</i>"); // exportTo() takes what is typed
  for (const char* name : {"r.html", "r.pdf", "r.md"}) {
    const auto path = folder.path() / name;
    w.report().exportTo(QString::fromStdString(path.string()));
    ASSERT_TRUE(waitFor(
        [&] { return w.workbench.jobs().active() == 0 && std::filesystem::exists(path); }, 60000))
        << name;
    const std::string text = tests::slurp(path);
    if (std::string(name) == "r.pdf") {
      EXPECT_TRUE(text.starts_with("%PDF-"));
    } else {
      EXPECT_NE(text.find("Load by expert"), std::string::npos) << name;
      EXPECT_NE(text.find("The trace doctor made"), std::string::npos) << name;
      EXPECT_NE(text.find("switchyard analyze "), std::string::npos) << name;
      EXPECT_EQ(text.find("<i>"), std::string::npos) << name;
    }
  }
  EXPECT_EQ(w.draft().title, "<i>Mine</i>");
  // A place that takes nothing: the report stays, a strip says so.
  w.report().exportTo(QString::fromStdString((folder.path() / "absent/r.html").string()));
  ASSERT_TRUE(waitFor([&] {
    for (const ProblemStrip* strip : w.window.findChildren<ProblemStrip*>())
      if (strip->title() == "The report could not be written.")
        return true;
    return false;
  }));
}

TEST(ReportSession, ComesBackWithItsHistory) {
  const TempFolder folder;
  Document before;
  addMadeUp(before, {"a", "b"});
  EntryList list(before);
  list.edits().setTitle("T");
  list.edits().setNote(1, "n");
  list.edits().move(0, 1);
  before.undoStack().undo();
  const QString path = QString::fromStdString((folder.path() / "s.sysession").string());
  ASSERT_TRUE(writeSession(snapshot(before), path));
  const auto read = readSession(path, {});
  ASSERT_TRUE(read) << read.error().describe();
  Document after;
  restore(after, *read);
  const auto text = [](Document& document) {
    SessionData data = snapshot(document);
    data.saved = {};
    return toSessionText(data, "/somewhere", Recordings::Inside).text;
  };
  EXPECT_EQ(text(after), text(before));
  EXPECT_EQ(after.report()->entries[0].part->command, "switchyard analyze a");
  EXPECT_EQ(after.undoStack().redoText(), before.undoStack().redoText());
  while (before.undoStack().canUndo()) {
    before.undoStack().undo();
    after.undoStack().undo();
    EXPECT_EQ(text(after), text(before));
  }
  EXPECT_TRUE(after.report()->isEmpty());
  while (before.undoStack().canRedo()) {
    before.undoStack().redo();
    after.undoStack().redo();
    EXPECT_EQ(text(after), text(before));
  }
  EXPECT_EQ(after.report()->entries[1].title, "a");
  // What the report and its history share is in the file once.
  const std::string file = tests::slurp(path.toStdString());
  EXPECT_EQ(file.find("switchyard analyze a"), file.rfind("switchyard analyze a"));
  after.clear();
  EXPECT_TRUE(after.report()->isEmpty());
}

TEST(ReportSession, AnEntryWithoutItsPartIsDamage) {
  const TempFolder folder;
  Document document;
  addMadeUp(document, {"a"});
  std::string text = toSessionText(snapshot(document), QString(), Recordings::Inside).text;
  const auto cut = text.find("\"report_parts\"");
  text = text.substr(0, cut) + "\"report_parts\": []}";
  folder.write("s.sysession", text);
  const auto read = readSession(QString::fromStdString((folder / "s.sysession").string()), {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::ErrorCode::InvalidFormat);
}

} // namespace
} // namespace switchyard::studio
