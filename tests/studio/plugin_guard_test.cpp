// A plugin that breaks off or ends the program: nothing is lost, it is off, one click turns it on.

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QProcess>
#include <QPushButton>

#include "app/jobs/capture.h"
#include "app/studio/session/autosave.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/plugin_guard.h"
#include "app/studio/shell/problem_strip.h"
#include "core/plugin/crash_guard.h"
#include "tests/plugin/hostile/place.h"
#include "tests/studio/misbehaving_run.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::analyzeMisbehaving;
using tests::registryOf;
using tests::TempFolder;
using tests::waitFor;

constexpr const char* kId = "org.example.misbehaving";

class PluginGuardTest : public testing::Test {
protected:
  void SetUp() override {
    tests::placeMisbehaving(folder.path());
    base::ThreadContext threads(2);
    jobs::CaptureOptions options;
    options.model = SY_DATA "/demo-model";
    options.prompts = folder.write("p.txt", "A short text about nothing.");
    options.out = trace();
    const auto captured = jobs::capture(options, threads, {});
    ASSERT_TRUE(captured) << captured.error().describe();
  }
  std::string trace() const { return (folder / "t.swy").string(); }

  TempFolder folder;
};

ProblemStrip* stripOf(const QWidget& window, const QString& title) {
  const auto strips = window.findChildren<ProblemStrip*>();
  for (ProblemStrip* strip : strips)
    if (strip->title() == title)
      return strip;
  return nullptr;
}

TEST_F(PluginGuardTest, ACrashLosesNothingAndThePluginIsOffUntilOneClick) {
  const QByteArray before = qgetenv("XDG_DATA_HOME");
  const QByteArray home = QByteArray::fromStdString((folder / "home").string());
  QProcess child; // plugin_guard_child.cpp
  child.setStandardErrorFile(QProcess::nullDevice());
  child.start(SY_PLUGIN_GUARD_CHILD,
              {QString::fromUtf8(home), QString::fromStdString(folder.path().string()),
               QString::fromStdString(trace()), QCoreApplication::applicationName()});
  ASSERT_TRUE(child.waitForFinished(60000));
  EXPECT_TRUE(child.exitStatus() == QProcess::CrashExit || child.exitCode() != 0);

  qputenv("XDG_DATA_HOME", home);
  const auto lost = Autosave::leftovers();
  ASSERT_EQ(lost.size(), 1u) << "the change that was made right before";
  EXPECT_EQ(lost[0].changes, 1);
  const auto notes = plugin::readCrashNotes(PluginGuard::notesPath().toStdString());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].plugin, kId);
  EXPECT_EQ(notes[0].function, "add");

  const auto registry = registryOf(folder.path());
  Workbench bench(registry);
  MainWindow window(bench);
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  window.show();
  window.keepWorkSafe();
  EXPECT_EQ(registry->rows()[0].state, plugin::RowState::Disabled);
  const auto refused = registry->find("misbehaving", std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("SIGSEGV in add"), std::string::npos)
      << refused.error().message;
  ASSERT_TRUE(waitFor([&] { return stripOf(window, "“Test” stopped and was switched off."); }));
  ProblemStrip* strip = stripOf(window, "“Test” stopped and was switched off.");
  EXPECT_TRUE(strip->accessibleDescription().endsWith("Your results are unchanged."));
  QPushButton* on = strip->findChildren<QPushButton*>().value(0);
  ASSERT_TRUE(on);
  EXPECT_EQ(on->text(), "Switch on again");
  on->click();
  EXPECT_TRUE(registry->find("misbehaving", std::nullopt));
  EXPECT_TRUE(plugin::readCrashNotes(PluginGuard::notesPath().toStdString()).empty());
  bool offered = false; // and the work is offered
  for (const ProblemStrip* each : window.findChildren<ProblemStrip*>())
    offered = offered || each->title().startsWith("Unsaved work from");
  EXPECT_TRUE(offered);
  window.close();
  qputenv("XDG_DATA_HOME", before);
}

TEST_F(PluginGuardTest, AnExceptionSwitchesItOffAtOnceAnErrorDoesNot) {
  const auto registry = registryOf(folder.path());
  Workbench bench(registry);
  MainWindow window(bench);
  window.show();
  const QString title = "“Test” stopped and was switched off.";
  QString said;
  const auto run = [&](const char* mode) {
    said.clear();
    analyzeMisbehaving(bench, trace(), mode, [&](const base::Error& error) {
      said = QString::fromStdString(error.describe());
    });
    return waitFor([&] { return !said.isEmpty(); });
  };
  ASSERT_TRUE(run("create-fails"));
  EXPECT_TRUE(said.contains("does not feel like it")) << said.toStdString();
  EXPECT_FALSE(stripOf(window, title));
  ASSERT_TRUE(run("add-throws"));
  EXPECT_TRUE(said.contains("an exception left add()")) << said.toStdString();
  ASSERT_TRUE(waitFor([&] { return stripOf(window, title); }));
  ASSERT_TRUE(run("good"));
  EXPECT_TRUE(said.contains("cannot be used")) << said.toStdString();
  EXPECT_EQ(bench.log().unreadErrors(), 1);
  stripOf(window, title)->findChildren<QPushButton*>().value(0)->click();
  EXPECT_EQ(registry->rows()[0].state, plugin::RowState::Loaded);
}

} // namespace
} // namespace switchyard::studio
