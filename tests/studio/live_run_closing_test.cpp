// Text that is being generated while the window closes.

#include <QDir>
#include <QPlainTextEdit>

#include "app/studio/live/replay.h"
#include "app/studio/session/autosave.h"
#include "app/studio/session/recordings.h"
#include "tests/studio/live_run.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

TEST_F(LiveRun, ClosingWhileItRunsKeepsWhatWasGenerated) {
  settings(400);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] {
    return player.state() == PlayState::Playing &&
           player.track()->end() > player.track()->promptLength() + 5;
  }));
  const std::int64_t prompt = player.track()->promptLength();
  // A saved session asks, once there is something that it does not hold.
  tests::TempFolder folder;
  const QString path = QString::fromStdString((folder / "a.sysession").string());
  window.saveSession(path);
  ASSERT_TRUE(waitFor([&] { return !window.sessionPath().isEmpty(); }));
  int asked = 0;
  window.setConfirmation([&] { return ++asked == 1 ? UnsavedChoice::Save : UnsavedChoice::Stay; });
  EXPECT_FALSE(window.close()) << "the token that runs is finished first";
  ASSERT_TRUE(waitFor([&] { return !window.isVisible(); }));
  EXPECT_EQ(asked, 1);
  player.setRate(0);
  const std::vector<int> made = generated();
  ASSERT_GE(made.size(), 5u);
  // What was recorded is whole, up to the last token, and opens with the session, elsewhere too.
  const QString recording = QString::fromStdString(player.reel()->trace->path().string());
  recordings::remove(recording);
  std::filesystem::create_directories(folder / "moved");
  std::filesystem::rename(folder / "a.sysession", folder / "moved/a.sysession");
  Workbench next{plugin::Registry::scan()};
  MainWindow again{next};
  again.openSession(QString::fromStdString((folder / "moved/a.sysession").string()));
  ASSERT_TRUE(waitFor([&] { return next.document().current(ItemKind::Trace) != 0; }));
  const Item* item = next.document().currentItem(ItemKind::Trace);
  ASSERT_TRUE(item->trace);
  EXPECT_EQ(item->name, "live");
  EXPECT_TRUE(item->trace->complete());
  const auto replayed = loadReplay(item->trace, 0, 0, {});
  ASSERT_TRUE(replayed);
  ASSERT_EQ(replayed->track.end(), prompt + static_cast<std::int64_t>(made.size()));
  for (std::size_t i = 0; i < made.size(); ++i)
    EXPECT_EQ(replayed->track.token(prompt + static_cast<std::int64_t>(i)), made[i]);
}

TEST_F(LiveRun, ClosingWithoutASessionListsItAmongTheRecentFiles) {
  settings(400);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] {
    return player.state() == PlayState::Playing &&
           player.track()->end() > player.track()->promptLength() + 3;
  }));
  window.setConfirmation([] {
    ADD_FAILURE() << "nothing is lost, so nothing is asked";
    return UnsavedChoice::Stay;
  });
  window.close();
  ASSERT_TRUE(waitFor([&] { return !window.isVisible(); }));
  player.setRate(0);
  const QString recent = Settings().recentFiles().value(0);
  EXPECT_TRUE(recordings::isOne(recent)) << recent.toStdString();
  const auto trace = trace::Trace::open(recent.toStdString());
  ASSERT_TRUE(trace) << trace.error().describe();
  EXPECT_TRUE((*trace)->complete());
  EXPECT_EQ((*trace)->tokens(),
            player.track()->promptLength() + static_cast<std::int64_t>(generated().size()));
}

TEST_F(LiveRun, ThePromptIsKeptOnDiskBeforeTheModelRuns) {
  window.keepWorkSafe();
  settings(4);
  view->prompt().setPlainText("a prompt that took long to write");
  player.generate(view->prompt().toPlainText());
  const QDir kept(Autosave::folder());
  const auto holds = [&] {
    for (const QString& name : kept.entryList({"*.sysession"}, QDir::Files))
      if (tests::slurp(kept.absoluteFilePath(name).toStdString()).find("that took long") !=
          std::string::npos)
        return true;
    return false;
  };
  EXPECT_TRUE(waitFor(holds, 2000));
  ASSERT_TRUE(finish());
}

TEST_F(LiveRun, StayingGoesOnWhereItWas) {
  settings(400);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  workbench.steer(SteerStep::Ban, ExpertKey{5, 1}); // work that no file has
  window.setConfirmation([] { return UnsavedChoice::Stay; });
  EXPECT_FALSE(window.close());
  EXPECT_TRUE(window.isVisible());
  const std::int64_t end = player.track()->end();
  ASSERT_TRUE(waitFor([&] { return player.track()->end() > end + 2; }));
  player.setRate(0);
  player.stop();
  ASSERT_TRUE(finish());
}

TEST_F(LiveRun, ClosingWhileItRunsIsClean) {
  settings(400);
  player.setRate(5);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  // The fixture destroys window and workbench now.
}

} // namespace
} // namespace switchyard::studio
