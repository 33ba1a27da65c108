// The window as a whole.

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QToolButton>

#include "app/studio/shell/elided_label.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/view_list.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

TEST(Window, HasAllViewsAndFiveDocks) {
  Workbench workbench(plugin::Registry::scan());
  MainWindow window(workbench);
  window.show();
  ASSERT_EQ(viewList().size(), 11u);
  for (const ViewEntry& entry : viewList()) {
    workbench.showView(entry.id);
    ASSERT_TRUE(window.currentView());
    EXPECT_EQ(window.currentView()->id(), entry.id);
    EXPECT_FALSE(window.currentView()->accessibleName().isEmpty());
  }
  for (const char* id : {"library", "inspector", "timeline", "jobs", "log"})
    EXPECT_TRUE(window.dock(id)) << id;
}

TEST(Window, DocksComeWithTheFirstThingThatIsOpen) {
  Workbench workbench(plugin::Registry::scan());
  MainWindow window(workbench);
  window.show();
  EXPECT_FALSE(window.dock("library")->isVisible());
  workbench.opener().open(QString(SY_DATA) + "/demo-model");
  workbench.showView("live"); // while it is read, as the examples do
  EXPECT_FALSE(window.showsStartPage());
  ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Model) != 0; }));
  for (const char* id : {"library", "inspector", "timeline"})
    EXPECT_TRUE(window.dock(id)->isVisible()) << id;
  window.dock("inspector")->hide();
  workbench.opener().open(QString(SY_DATA) + "/recipes/ban-and-boost.json");
  ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Recipe) != 0; }));
  EXPECT_FALSE(window.dock("inspector")->isVisible()) << "closed by the user";
  workbench.document().clear();
}

TEST(Window, AProblemStaysInTheViewUntilDismissed) {
  Workbench workbench(plugin::Registry::scan());
  MainWindow window(workbench);
  window.show();
  workbench.opener().open("/nowhere/at/all.swy");
  const auto strips = [&] { return window.findChildren<ProblemStrip*>(); };
  ASSERT_TRUE(waitFor([&] { return strips().size() == 1; }));
  EXPECT_EQ(strips().first()->title(), "The trace could not be opened: a file is missing.");
  EXPECT_EQ(workbench.log().unreadErrors(), 1);
  workbench.opener().open("/nowhere/at/all.swy"); // the same problem replaces itself
  ASSERT_TRUE(waitFor([&] { return workbench.log().unreadErrors() == 2; }));
  ASSERT_TRUE(waitFor([&] { return strips().size() == 1; }));
  strips().first()->dismiss();
  ASSERT_TRUE(waitFor([&] { return strips().isEmpty(); }));
}

TEST(ToolBar, FieldsAreNotCutOffAndButtonsSayWhatIsMissing) {
  Workbench workbench(plugin::Registry::scan());
  MainWindow window(workbench);
  window.resize(1280, 800);
  window.show();
  auto* transport = window.findChild<QWidget*>("transport");
  ASSERT_TRUE(transport);
  const auto parts = transport->findChildren<QWidget*>(Qt::FindDirectChildrenOnly);
  for (const QWidget* part : parts)
    if (part->isVisible()) {
      EXPECT_TRUE(transport->rect().contains(part->geometry()))
          << part->accessibleName().toStdString();
      EXPECT_GE(part->height(), part->minimumSizeHint().height())
          << part->accessibleName().toStdString();
    }
  const auto play = [&] { return transport->findChildren<QToolButton*>().value(0); };
  EXPECT_FALSE(play()->isEnabled());
  EXPECT_EQ(play()->toolTip(), "Play: open a model or a trace first");
  workbench.opener().open(QString(SY_DATA) + "/demo-model");
  ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Model) != 0; }));
  EXPECT_TRUE(play()->isEnabled());
  EXPECT_EQ(play()->toolTip(), "Play  Space");
}

TEST(ElidedLabel, CutsItsPictureNotItsText) {
  const QString text = "lift = P(i, j) / (P(i) P(j)), and much more than there is room for";
  ElidedLabel label(text);
  label.resize(80, 20);
  label.ensurePolished(); // with the theme's font, where another test has set it
  EXPECT_TRUE(label.isCut());
  EXPECT_EQ(label.text(), text);
  // The picture is that of the text which ends in an ellipsis.
  QLabel shortened(label.fontMetrics().elidedText(text, Qt::ElideRight, 80));
  EXPECT_TRUE(shortened.text().endsWith(QChar(0x2026)));
  shortened.resize(80, 20);
  EXPECT_EQ(label.grab().toImage(), shortened.grab().toImage());
  label.resize(2000, 20);
  EXPECT_FALSE(label.isCut());
}

TEST(LogModel, HoldsWhatAModelMust) {
  constexpr int kRows = 40;
  LogModel log(kRows);
  const QAbstractItemModelTester tester(&log,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  for (int i = 0; i < kRows + 5; ++i)
    log.add(base::LogLevel::Info, QString::number(i));
  EXPECT_EQ(log.rowCount(), 37); // a tenth went when it was full
  EXPECT_EQ(log.index(log.rowCount() - 1, LogModel::Text).data(), QString::number(kRows + 4));
  log.sink()(base::LogLevel::Error, "trace", "broken");
  ASSERT_TRUE(waitFor([&] { return log.unreadErrors() == 1; }));
  log.clear();
  EXPECT_EQ(log.unreadErrors(), 0);
}

TEST(Actions, DisabledOnesSayWhy) {
  ActionTable actions;
  int runs = 0;
  QAction* action =
      actions.add({"x.do", "&Do it", "X", {QKeySequence("Ctrl+D")}}, [&](bool) { ++runs; });
  EXPECT_EQ(action->toolTip(), "Do it  Ctrl+D");
  actions.setEnabled("x.do", false, "Nothing to do");
  EXPECT_TRUE(action->toolTip().contains("Nothing to do"));
  actions.setEnabled("x.do", true);
  action->trigger();
  EXPECT_EQ(runs, 1);
}

} // namespace
} // namespace switchyard::studio
