// Library, jobs, palette, actions, start page: each through the widgets that users touch.

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>
#include <QTest>
#include <QTreeView>

#include "app/studio/shell/bottom_panels.h"
#include "app/studio/shell/fuzzy.h"
#include "app/studio/shell/go_to_menu.h"
#include "app/studio/shell/library_panel.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/status_bar.h"
#include "app/studio/shell/window_actions.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

Item recipeItem(const QString& name) {
  Item item;
  item.kind = ItemKind::Recipe;
  item.name = name;
  item.recipe = std::make_shared<const routing::Recipe>();
  return item;
}

/// A window over the demo model.
class WithWindow : public testing::Test {
protected:
  WithWindow() : m_bench(plugin::Registry::scan()), m_window(m_bench) {
    m_window.setConfirmation([] { return UnsavedChoice::Discard; });
    m_window.show();
    m_bench.opener().open(QString(SY_DATA) + "/demo-model");
    EXPECT_TRUE(waitFor([this] { return !m_bench.document().isEmpty(); }));
  }
  void key(const char* sequence) {
    QAction* found = nullptr;
    for (const auto& entry : m_bench.actions().entries())
      if (entry.spec.keys.contains(QKeySequence(sequence)))
        found = entry.action;
    ASSERT_TRUE(found) << sequence;
    found->trigger();
  }
  Workbench m_bench;
  MainWindow m_window;
};

TEST(Fuzzy, FindsSubsequencesAndPrefersWordStarts) {
  EXPECT_TRUE(fuzzyMatch(u"", u"anything"));
  EXPECT_FALSE(fuzzyMatch(u"xyz", u"Open model"));
  const auto match = fuzzyMatch(u"om", u"Open model");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->positions, (std::vector<qsizetype>{0, 5}));
  EXPECT_GT(fuzzyMatch(u"mod", u"Open model")->score, fuzzyMatch(u"mod", u"my other dog")->score);
  EXPECT_EQ(fuzzyMatch(u"l5e19", u"Expert L5 E19")->positions.size(), 5u);
}

TEST(Library, ModelHoldsUnderEveryChange) {
  Document document;
  LibraryModel model(document);
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  const ItemKey first = document.add(recipeItem("one"));
  const ItemKey second = document.add(recipeItem("two"));
  EXPECT_EQ(model.rowCount(model.index(2, 0)), 2);
  EXPECT_EQ(model.indexOf(second).data().toString(), "two");
  EXPECT_TRUE(model.setData(model.indexOf(second), "zwei", Qt::EditRole));
  EXPECT_FALSE(model.setData(model.indexOf(second), "one", Qt::EditRole));
  document.remove(first);
  document.undoStack().undo();
  EXPECT_EQ(model.indexOf(first).row(), 0);
  while (document.undoStack().canUndo())
    document.undoStack().undo();
  EXPECT_EQ(model.rowCount(model.index(2, 0)), 0);
  while (document.undoStack().canRedo())
    document.undoStack().redo();
  document.clear();
  EXPECT_EQ(model.rowCount(model.index(2, 0)), 0);
}

TEST(Jobs, ModelHoldsAndRowsCanBeCancelled) {
  Workbench bench(plugin::Registry::scan());
  JobsPanel panel(bench);
  panel.resize(900, 200);
  panel.show();
  const QAbstractItemModelTester tester(panel.table()->model(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  const JobId id = bench.jobs().run<int>(
      {"Endless"}, nullptr,
      [](const JobContext& context) -> base::Result<int> {
        for (std::int64_t i = 0;; ++i) {
          SY_TRY(context.control.check());
          context.control.report(i % 100, 100, "layers");
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      },
      nullptr);
  ASSERT_EQ(panel.table()->model()->rowCount(), 1);
  const QModelIndex cancel = panel.table()->model()->index(0, JobsModel::Cancel);
  ASSERT_TRUE(waitFor([&] { return cancel.data().toString() == "Cancel"; }));
  QTest::mouseClick(panel.table()->viewport(), Qt::LeftButton, {},
                    panel.table()->visualRect(cancel).center());
  ASSERT_TRUE(waitFor([&] { return bench.jobs().job(id)->state == JobState::Cancelled; }));
  EXPECT_EQ(cancel.siblingAtColumn(JobsModel::State).data().toString(), "cancelled");
  bench.jobs().clearFinished();
  EXPECT_EQ(panel.table()->model()->rowCount(), 0);
}

TEST_F(WithWindow, LibraryFiltersRenamesRemovesAndUndoes) {
  LibraryPanel& library = m_window.library();
  m_bench.document().add(recipeItem("alpha"));
  const ItemKey beta = m_bench.document().add(recipeItem("beta"));
  library.filter()->setText("alp");
  const QAbstractItemModel* shown = library.tree()->model();
  int rows = 0;
  for (int kind = 0; kind < shown->rowCount(); ++kind)
    rows += shown->rowCount(shown->index(kind, 0));
  EXPECT_EQ(rows, 1);
  library.filter()->clear();
  QModelIndex at;
  for (int kind = 0; kind < shown->rowCount(); ++kind)
    for (int row = 0; row < shown->rowCount(shown->index(kind, 0)); ++row)
      if (const QModelIndex index = shown->index(row, 0, shown->index(kind, 0));
          index.data(LibraryModel::KeyRole).toInt() == beta)
        at = index;
  ASSERT_TRUE(at.isValid());
  library.tree()->setCurrentIndex(at);
  EXPECT_EQ(m_bench.document().current(ItemKind::Recipe), beta);
  library.removeSelected();
  EXPECT_FALSE(m_bench.document().item(beta));
  EXPECT_EQ(m_window.statusLine().text(), "beta removed from the session.");
  key("Ctrl+Z");
  EXPECT_TRUE(m_bench.document().item(beta));
  EXPECT_EQ(m_window.statusLine().text(), "Undone: Remove beta");
}

TEST_F(WithWindow, UndoOutlinesWhatItChangedForAMoment) {
  const ItemKey alpha = m_bench.document().add(recipeItem("alpha"));
  QTreeView* tree = m_window.library().tree();
  const auto outline = [&] { return tree->viewport()->findChild<QWidget*>("undoFlash"); };
  const auto rowOfAlpha = [&] {
    const QAbstractItemModel* shown = tree->model();
    for (int kind = 0; kind < shown->rowCount(); ++kind)
      for (int row = 0; row < shown->rowCount(shown->index(kind, 0)); ++row)
        if (const QModelIndex index = shown->index(row, 0, shown->index(kind, 0));
            index.data(LibraryModel::KeyRole).toInt() == alpha)
          return tree->visualRect(index);
    return QRect();
  };
  m_bench.document().rename(alpha, "gamma");
  EXPECT_EQ(outline(), nullptr) << "a first change is no news";
  m_bench.document().undoStack().undo();
  ASSERT_TRUE(outline());
  EXPECT_EQ(outline()->geometry(), rowOfAlpha() & tree->viewport()->rect());
  EXPECT_TRUE(outline()->testAttribute(Qt::WA_TransparentForMouseEvents));
  const QImage image = outline()->grab().toImage();
  EXPECT_EQ(image.pixelColor(image.width() / 2, 0).name(),
            Theme::instance().color(Ink::Accent).name());
  EXPECT_TRUE(tests::waitFor([&] { return outline() == nullptr; }, 2000));
  m_bench.document().undoStack().redo();
  EXPECT_TRUE(outline());
  Theme::instance().setReducedMotion(true);
  m_bench.document().undoStack().undo();
  EXPECT_EQ(outline(), nullptr) << "reduced motion";
  Theme::instance().setReducedMotion(false);
}

TEST_F(WithWindow, PaletteFindsActionsExpertsTokensAndReasons) {
  key("Ctrl+Shift+P");
  Palette& palette = m_window.palette();
  ASSERT_TRUE(palette.isVisible());
  EXPECT_EQ(palette.width(), 620);
  EXPECT_EQ(palette.y(), 78);
  EXPECT_GT(palette.shown().size(), 60u); // everything
  palette.field()->setText("L5 E19");
  ASSERT_EQ(palette.shown().size(), 9u);
  EXPECT_EQ(palette.shown()[0].title, "Expert L5 E19");
  EXPECT_EQ(palette.shown()[3].title, "Ban L5 E19");
  QTest::keyClick(palette.field(), Qt::Key_Return);
  EXPECT_FALSE(palette.isVisible());
  EXPECT_EQ(m_bench.selection().primaryExpert(), (ExpertKey{5, 19}));
  EXPECT_EQ(m_window.currentView()->id(), "experts");
  palette.popUp("@3:51");
  QTest::keyClick(palette.field(), Qt::Key_Return);
  EXPECT_EQ(m_bench.selection().primaryToken(), (TokenKey{3, 51}));
  palette.popUp(">redo");
  ASSERT_FALSE(palette.shown().empty());
  EXPECT_EQ(palette.shown()[0].title, "Redo");
  EXPECT_EQ(palette.shown()[0].reason, "nothing to redo");
  palette.runCurrent(); // says why, stays open
  EXPECT_TRUE(palette.isVisible());
  palette.field()->setText("demo-mod");
  EXPECT_EQ(palette.shown()[0].group, "Library");
  QTest::keyClick(palette.field(), Qt::Key_Escape);
  EXPECT_FALSE(palette.isVisible());
}

TEST_F(WithWindow, EveryActionOfTheDesignHasItsKeys) {
  const char* keys[] = {"Ctrl+N",
                        "Ctrl+O",
                        "Ctrl+Shift+O",
                        "Ctrl+S",
                        "Ctrl+Shift+S",
                        "Ctrl+P",
                        "Ctrl+E",
                        "Ctrl+Z",
                        "Ctrl+Shift+Z",
                        "Ctrl+Y",
                        "Ctrl+C",
                        "Ctrl+Shift+C",
                        "Ctrl+Alt+C",
                        "Ctrl+A",
                        "Esc",
                        "Ctrl+Return",
                        "Ctrl+Shift+R",
                        "Space",
                        "N",
                        "Shift+Esc",
                        ",",
                        ".",
                        "Home",
                        "End",
                        "Shift+Left",
                        "M",
                        "X",
                        "Shift+X",
                        "B",
                        "F",
                        "Shift+F",
                        "U",
                        "E",
                        "Ctrl+1",
                        "Ctrl+9",
                        "Alt+1",
                        "Alt+5",
                        "F6",
                        "Shift+F6",
                        "Ctrl+Tab",
                        "Ctrl+W",
                        "Ctrl+Shift+P",
                        "Ctrl+G",
                        "Ctrl+F",
                        "Ctrl+T",
                        "Ctrl++",
                        "Ctrl+-",
                        "Ctrl+0",
                        "F11",
                        "F1",
                        "?",
                        "Ctrl+,",
                        "Ctrl+Q",
                        "Left",
                        "Return",
                        "P",
                        "Shift+P",
                        "W",
                        "S",
                        "A",
                        "D",
                        "[",
                        "]"};
  std::multiset<QString> bound;
  for (const auto& entry : m_bench.actions().entries()) {
    for (const QKeySequence& sequence : entry.spec.keys)
      bound.insert(sequence.toString());
    EXPECT_FALSE(entry.spec.title.isEmpty());
    EXPECT_FALSE(entry.spec.group.isEmpty()) << qPrintable(entry.spec.id);
    EXPECT_TRUE(entry.action->isEnabled() || !entry.reason.isEmpty())
        << qPrintable(entry.spec.id) << " is disabled without a reason";
  }
  for (const char* key : keys)
    EXPECT_EQ(bound.count(QKeySequence(key).toString()), 1u) << key;
}

TEST_F(WithWindow, SteeringAnExpertIsUndoableAndSaysSo) {
  m_bench.selection().select(ExpertKey{5, 19});
  m_bench.actions().action("selection.ban")->trigger();
  const Item* recipe = m_bench.document().currentItem(ItemKind::Recipe);
  ASSERT_TRUE(recipe);
  ASSERT_EQ(recipe->recipe->steps.size(), 1u);
  EXPECT_EQ(recipe->recipe->steps[0].plugin, "ban");
  EXPECT_EQ(m_window.statusLine().text(), "Ban L5 E19 added to the recipe.");
  m_bench.actions().action("selection.force")->trigger();
  EXPECT_EQ(m_bench.document().currentItem(ItemKind::Recipe)->detail, "2 steps");
  key("Ctrl+Z");
  EXPECT_EQ(m_bench.document().currentItem(ItemKind::Recipe)->recipe->steps.size(), 1u);
  key("Ctrl+Z");
  EXPECT_EQ(m_bench.document().current(ItemKind::Recipe), 0);
  key("Ctrl+Y");
  EXPECT_EQ(m_bench.document().currentItem(ItemKind::Recipe)->recipe->steps.size(), 1u);
}

TEST_F(WithWindow, BoostAsksInAPopupThatKeysDrive) {
  m_bench.selection().select(ExpertKey{5, 8});
  const auto popup = [&] { return m_window.findChild<QDialog*>("boostPopup"); };
  m_bench.actions().action("selection.boost")->trigger();
  ASSERT_TRUE(popup());
  EXPECT_FALSE(popup()->isModal());
  QTest::keyClick(popup(), Qt::Key_Escape);
  EXPECT_TRUE(waitFor([&] { return !popup(); }));
  EXPECT_EQ(m_bench.document().current(ItemKind::Recipe), 0);
  m_bench.actions().action("selection.boost")->trigger();
  ASSERT_TRUE(popup());
  auto* factor = popup()->findChild<QDoubleSpinBox*>();
  ASSERT_TRUE(factor);
  QTest::keyClicks(factor, "16");
  QTest::keyClick(factor, Qt::Key_Return);
  const Item* recipe = m_bench.document().currentItem(ItemKind::Recipe);
  ASSERT_TRUE(recipe);
  EXPECT_EQ(recipe->recipe->steps.back().plugin, "boost");
  EXPECT_NE(recipe->recipe->steps.back().options.find("\"multiplier\":16"), std::string::npos);
}

TEST_F(WithWindow, GoToShowsTheExpertInAnotherView) {
  QMenu menu;
  addGoTo(menu, m_bench, {3, 7});
  const QList<QAction*> places = menu.actions().value(0)->menu()->actions();
  ASSERT_EQ(places.size(), 3);
  places[1]->trigger();
  EXPECT_EQ(m_window.currentView()->id(), "coactivation");
  EXPECT_EQ(m_bench.selection().primaryExpert(), (ExpertKey{3, 7}));
}

TEST_F(WithWindow, LayoutsSplitsAndClosedDocksComeBack) {
  ViewArea& area = m_window.viewArea();
  const QString before = area.saveState();
  m_bench.showView("experts");
  area.splitRight();
  EXPECT_NE(area.saveState(), before);
  const QString split = area.saveState();
  area.joinAll();
  area.restoreState(split);
  EXPECT_EQ(area.current()->id(), "experts");
  area.floatCurrent();
  EXPECT_NE(area.view("experts")->window(), &m_window);
  area.joinAll();
  EXPECT_EQ(area.view("experts")->window(), &m_window);
  area.closeCurrent();
  m_bench.showView("experts");
  EXPECT_EQ(area.current()->id(), "experts");
  EXPECT_TRUE(area.view("experts")->isVisible());
  m_bench.actions().action("layout.watch")->trigger();
  EXPECT_TRUE(m_window.dock("library")->isHidden());
  EXPECT_EQ(area.current()->id(), "live");
  m_bench.actions().action("layout.reset")->trigger();
  EXPECT_FALSE(m_window.dock("library")->isHidden());
  m_window.resize(1100, 700); // below 1180: the library collapses first
  EXPECT_TRUE(m_window.dock("library")->isHidden());
  EXPECT_FALSE(m_window.dock("inspector")->isHidden());
  m_window.resize(1280, 800);
  EXPECT_FALSE(m_window.dock("library")->isHidden());
}

TEST_F(WithWindow, FitsThe1280x800ScreenAndTheDockWidthsOfTheDesign) {
  m_window.resize(1280, 800);
  m_bench.actions().action("layout.reset")->trigger();
  EXPECT_TRUE(waitFor([&] { return m_window.dock("library")->width() == 204; }, 2000))
      << m_window.dock("library")->width();
  EXPECT_EQ(m_window.dock("inspector")->width(), 268);
  EXPECT_LE(m_window.minimumSizeHint().width(), 1280);
  EXPECT_LE(m_window.minimumSizeHint().height(), 800);
}

TEST_F(WithWindow, TheTimelineLeavesLiveAndSteerMoreHeightUnlessTheUserChoseOne) {
  m_window.resize(1280, 800);
  m_bench.actions().action("layout.reset")->trigger();
  Dock* timeline = m_window.dock("timeline");
  const auto becomes = [&](int height) {
    return waitFor([&] { return timeline->height() == height; }, 2000);
  };
  m_bench.showView("live");
  EXPECT_TRUE(becomes(28 + 74)) << timeline->height();
  m_bench.showView("experts");
  EXPECT_TRUE(becomes(28 + 92)) << timeline->height();
  m_bench.showView("steer");
  EXPECT_TRUE(becomes(28 + 74)) << timeline->height();
  m_window.resizeDocks({timeline}, {170}, Qt::Vertical);
  ASSERT_TRUE(becomes(170)) << timeline->height();
  m_bench.showView("experts");
  m_bench.showView("live");
  EXPECT_EQ(timeline->height(), 170);
}

TEST_F(WithWindow, UiScaleAndThemeActAtOnce) {
  Theme& theme = Theme::instance();
  key("Ctrl++");
  EXPECT_EQ(theme.scalePercent(), 110);
  EXPECT_EQ(m_window.statusLine().height(), theme.px(24));
  key("Ctrl+0");
  m_bench.actions().action("view.theme-dark")->trigger();
  EXPECT_TRUE(theme.isDark());
  m_bench.actions().action("view.theme-light")->trigger();
  EXPECT_FALSE(theme.isDark());
}

} // namespace
} // namespace switchyard::studio
