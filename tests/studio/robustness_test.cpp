// What must not lose work: closing during a job, files that go away, a full disk, a killed program.
// And the tour: the GUI thread is never busy for more than 50 ms.

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include <sys/resource.h>

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QProcess>
#include <QTest>

#include "app/jobs/capture.h"
#include "app/studio/session/session_file.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/start_page.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/shell/watchdog.h"
#include "tests/studio/gui_watchdog.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::TempFolder;
using tests::waitFor;

QString pathIn(const TempFolder& folder, const char* name) {
  return QString::fromStdString((folder / name).string());
}

Item recipeItem() {
  Item item;
  item.kind = ItemKind::Recipe;
  item.name = "mine";
  item.recipe = std::make_shared<const routing::Recipe>();
  return item;
}

base::Result<int> untilStopped(const JobContext& context) {
  for (;;) {
    SY_TRY(context.control.check());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

QStringList problemTitles(const QWidget& window) {
  QStringList titles;
  const auto strips = window.findChildren<ProblemStrip*>();
  for (const ProblemStrip* strip : strips)
    titles << strip->title();
  return titles;
}

TEST(Robustness, ClosingDuringAJobStopsItAndAsksAboutWorkFirst) {
  auto bench = std::make_unique<Workbench>(plugin::Registry::scan());
  auto window = std::make_unique<MainWindow>(*bench);
  int asked = 0;
  UnsavedChoice answer = UnsavedChoice::Stay;
  window->setConfirmation([&] {
    ++asked;
    return answer;
  });
  window->show();
  bench->document().add(recipeItem());
  const JobId job = bench->jobs().run<int>({"Endless"}, nullptr, untilStopped, nullptr);
  EXPECT_FALSE(window->close());
  EXPECT_TRUE(window->isVisible());
  EXPECT_LT(bench->jobs().job(job)->state, JobState::Stopping) << "staying stops nothing";
  answer = UnsavedChoice::Discard;
  EXPECT_TRUE(window->close());
  EXPECT_EQ(asked, 2);
  QElapsedTimer clock;
  clock.start();
  window.reset();
  bench.reset(); // waits for the job
  EXPECT_LT(clock.elapsed(), 5000);
}

TEST(Robustness, SavedSessionsCloseWithoutAQuestion) {
  TempFolder folder;
  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  int asked = 0;
  window.setConfirmation([&] {
    ++asked;
    return UnsavedChoice::Stay;
  });
  window.show();
  bench.document().add(recipeItem());
  window.saveSession(pathIn(folder, "a.sysession"));
  ASSERT_TRUE(waitFor([&] { return !window.sessionPath().isEmpty(); }));
  EXPECT_TRUE(window.close());
  EXPECT_EQ(asked, 0);
  Workbench next(plugin::Registry::scan());
  MainWindow again(next);
  again.openSession(pathIn(folder, "a.sysession"));
  ASSERT_TRUE(waitFor([&] { return next.document().current(ItemKind::Recipe) != 0; }));
  EXPECT_EQ(next.document().currentItem(ItemKind::Recipe)->name, "mine");
  EXPECT_EQ(next.document().undoStack().undoText(), "Add mine");
}

TEST(Robustness, ClosingThatIsNotSavedAfterAllLeavesTheWindowOpen) {
  TempFolder folder;
  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  UnsavedChoice answer = UnsavedChoice::Save;
  window.setConfirmation([&] { return answer; });
  window.show();
  bench.document().add(recipeItem());
  EXPECT_FALSE(window.close());
  auto* dialog = window.findChild<QFileDialog*>(); // it has no name yet
  ASSERT_TRUE(dialog);
  dialog->reject();
  window.saveSession(pathIn(folder, "a.sysession"));
  ASSERT_TRUE(waitFor([&] { return !window.sessionPath().isEmpty(); }));
  EXPECT_TRUE(window.isVisible());
  bench.document().add(recipeItem());
  EXPECT_FALSE(window.close());
  EXPECT_TRUE(waitFor([&] { return !window.isVisible(); })) << "saved, then closed";
}

TEST(Robustness, AFileThatGoesAwayIsSaidAndNothingElseIsLost) {
  TempFolder folder;
  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  window.show();
  jobs::CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = folder.write("p.txt", "A short text about nothing.");
  options.out = folder / "t.swy";
  ASSERT_TRUE(jobs::capture(options, bench.jobs().threads(), {}));
  bench.openFile(pathIn(folder, "t.swy"));
  ASSERT_TRUE(waitFor([&] { return bench.document().current(ItemKind::Trace) != 0; }));
  bench.document().add(recipeItem());
  window.saveSession(pathIn(folder, "a.sysession"));
  ASSERT_TRUE(waitFor([&] { return !window.sessionPath().isEmpty(); }));
  QFile::remove(pathIn(folder, "t.swy"));
  window.openSession(pathIn(folder, "a.sysession"));
  ASSERT_TRUE(waitFor([&] { return !problemTitles(window).isEmpty(); }));
  EXPECT_EQ(problemTitles(window).first(), "A file of the session is no longer reachable.");
  EXPECT_EQ(bench.document().currentItem(ItemKind::Recipe)->name, "mine");
  ASSERT_TRUE(bench.document().currentItem(ItemKind::Trace));
  EXPECT_FALSE(bench.document().currentItem(ItemKind::Trace)->trace);
}

/// Writes beyond so many bytes fail, as on a full disk.
class SmallDisk {
public:
  explicit SmallDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &m_before);
    m_handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, m_before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &m_before);
    std::signal(SIGXFSZ, m_handler);
  }

private:
  rlimit m_before{};
  void (*m_handler)(int) = nullptr;
};

TEST(Robustness, AFullDiskKeepsTheSessionAndTheOldFile) {
  TempFolder folder;
  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  window.show();
  bench.document().add(recipeItem());
  const QString path = pathIn(folder, "a.sysession");
  window.saveSession(path);
  ASSERT_TRUE(waitFor([&] { return !window.sessionPath().isEmpty(); }));
  const std::string before = tests::slurp(path.toStdString());
  bench.document().add(recipeItem());
  {
    const SmallDisk disk(64);
    window.saveSession(path);
    ASSERT_TRUE(waitFor([&] { return !problemTitles(window).isEmpty(); }));
  }
  EXPECT_TRUE(problemTitles(window).first().startsWith("The session could not be saved"));
  EXPECT_EQ(tests::slurp(path.toStdString()), before);
  EXPECT_EQ(bench.document().keys(ItemKind::Recipe).size(), 2u);
  EXPECT_FALSE(bench.document().undoStack().isClean());
  EXPECT_EQ(bench.log().unreadErrors(), 1);
  window.saveSession(path); // there is room again
  ASSERT_TRUE(waitFor([&] { return bench.document().undoStack().isClean(); }));
  EXPECT_NE(tests::slurp(path.toStdString()), before);
}

TEST(Robustness, AKilledProgramLeavesItsWork) {
  TempFolder folder;
  const std::string recipe = R"({"name": "mine", "steps": [{"plugin": "ban",
    "options": {"experts": ["0:1"]}}]})";
  folder.write("mine.json", recipe);
  QProcess program;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("QT_QPA_PLATFORM", "offscreen");
  for (const char* place : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
    environment.insert(place, QString::fromStdString(folder.path().string()));
  program.setProcessEnvironment(environment);
  program.setStandardErrorFile(QProcess::nullDevice());
  program.start(SY_STUDIO, {pathIn(folder, "mine.json")});
  ASSERT_TRUE(program.waitForStarted());
  const QDir kept(pathIn(folder, "switchyard/switchyard-studio/autosave"));
  const auto sessions = [&kept] {
    return kept.entryList({"*.sysession"}, QDir::Files | QDir::Readable);
  };
  ASSERT_TRUE(waitFor([&] { return !sessions().isEmpty(); }, 60000));
  program.kill(); // no chance to say goodbye, as when a plugin crashes
  program.waitForFinished();
  ASSERT_EQ(sessions().size(), 1);
  const auto data = readSession(kept.absoluteFilePath(sessions().first()), {});
  ASSERT_TRUE(data) << data.error().describe();
  EXPECT_GT(data->changes, 0);
  ASSERT_EQ(data->items.size(), 1u);
  EXPECT_EQ(data->items[0].name, "mine");
}

TEST(Robustness, TheTourNeverBlocksTheGuiThread) {
  auto* application = qobject_cast<StudioApplication*>(QCoreApplication::instance());
  ASSERT_TRUE(application);
  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  window.show();
  bench.openFile(QString(SY_DATA) + "/demo-model");
  ASSERT_TRUE(waitFor([&] { return !bench.document().isEmpty(); }));
  QTest::qWait(100);
  application->resetLongest();
  // Every step runs as an event, as a key or click would.
  const auto asEvent = [&](const QString& name, const std::function<void()>& step) {
    application->resetLongest();
    QMetaObject::invokeMethod(&window, step, Qt::QueuedConnection);
    QTest::qWait(30);
    EXPECT_LT(application->longestMs(), tests::kLongestMs)
        << qPrintable(name) << ": " << qPrintable(application->longestWas());
  };
  for (const ViewEntry& entry : viewList())
    asEvent("view " + entry.id, [&] { bench.showView(entry.id); });
  for (const char* query : {"", "open", "L5 E19", ">undo", "@51"})
    asEvent(QString("palette ") + query, [&] { window.showPalette(query); });
  asEvent("Esc", [&] { QTest::keyClick(window.palette().field(), Qt::Key_Escape); });
  for (const char* id : {"layout.inspect", "layout.steer", "layout.reset", "dock.jobs", "dock.log"})
    asEvent(id, [&] { bench.actions().action(id)->trigger(); });
  asEvent("ban", [&] { bench.steer(SteerStep::Ban, {5, 19}); });
  asEvent("undo", [&] { bench.document().undoStack().undo(); });
}

} // namespace
} // namespace switchyard::studio
