// What the live view shows of text that is generated: pictures, tables, names, filters.

#include <algorithm>

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QPlainTextEdit>
#include <QTabBar>

#include "app/jobs/capture.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/replay.h"
#include "app/studio/live/routing_table.h"
#include "app/studio/live/token_strip.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/live/yard_widget.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/live_run.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

TEST_F(LiveRun, ShowsTheStationsOfTheNewestToken) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  QTest::qWait(200); // on a slow machine tokens fade in
  YardWidget& yard = view->yard();
  const QImage image = yard.grab().toImage();
  const Track& track = *player.track();
  const YardLayout& places = yard.where();
  for (std::size_t layer = 0; layer < track.layers(); ++layer) {
    const QRectF cell =
        places.cell(static_cast<int>(layer), track.firstChoice(player.shown(), layer));
    EXPECT_EQ(
        image.pixelColor(qRound(cell.left()) + 2, qRound(cell.center().y())).name(),
        yard::stationColor(static_cast<double>(track.topGate(player.shown(), layer)), {}).name());
  }
  // A click on a station makes it the primary expert; one on the strip shows another token.
  const YardCell third{2, track.firstChoice(player.shown(), 2)};
  QTest::mouseClick(&yard, Qt::LeftButton, {},
                    places.cell(third.moeLayer, third.expert).center().toPoint());
  EXPECT_EQ(workbench.selection().primaryExpert(), (ExpertKey{2, third.expert}));
  const std::int64_t wanted = track.end() - 3;
  QTest::mouseClick(&view->strip(), Qt::LeftButton, {},
                    view->strip().tokenRect(wanted).center().toPoint());
  EXPECT_EQ(player.shown(), wanted);
  EXPECT_FALSE(player.followsEnd());
  EXPECT_TRUE(workbench.selection().escape());
  // The raster's cell has the metric's colour.
  const QImage raster = view->raster().grab().toImage();
  const QRectF cell = view->raster().cellRect(track.end() - 2, 3);
  ASSERT_FALSE(cell.isEmpty());
  const double t = designedScale(TokenMetric::TopGate, track.shape())
                       .share(static_cast<double>(track.topGate(track.end() - 2, 3)));
  EXPECT_EQ(raster.pixelColor(cell.center().toPoint()).name(),
            QColor(Theme::instance().sequential().at(t)).name());
}

TEST_F(LiveRun, HasNamesAndATableForThoseWhoCannotSeeIt) {
  settings(4);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  for (QWidget* figure :
       {static_cast<QWidget*>(&view->yard()), static_cast<QWidget*>(&view->strip()),
        static_cast<QWidget*>(&view->raster()), static_cast<QWidget*>(&view->nextTokens())}) {
    EXPECT_FALSE(figure->accessibleName().isEmpty());
    EXPECT_EQ(figure->focusPolicy(), Qt::StrongFocus);
  }
  EXPECT_TRUE(view->yard().spoken().contains("First choices: L0 E"));
  RoutingTable table(player);
  const QAbstractItemModelTester tester(&table,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  table.refresh();
  ASSERT_EQ(table.rowCount(), 6);
  EXPECT_EQ(table.index(5, RoutingTable::Layer).data(), "L5");
  EXPECT_EQ(table.index(5, RoutingTable::FirstRank).data(),
            QString("E%1").arg(player.track()->firstChoice(player.shown(), 5)));
  view->setShowsTable(true);
  EXPECT_TRUE(view->csv().contains("rank 1"));
}

TEST_F(LiveRun, EveryPictureIsATableForScreenReaders) {
  settings(12);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const Track& track = *player.track();
  const std::int64_t shown = player.shown();
  const int first = track.firstChoice(shown, 5);
  const auto tableOf = [](QWidget* widget) {
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(widget);
    EXPECT_EQ(interface->role(), QAccessible::Table);
    EXPECT_FALSE(interface->text(QAccessible::Name).isEmpty());
    EXPECT_FALSE(interface->text(QAccessible::Description).isEmpty());
    return interface->tableInterface();
  };
  // Yard: layers by experts.
  QAccessibleTableInterface* yard = tableOf(&view->yard());
  ASSERT_TRUE(yard);
  EXPECT_EQ(yard->rowCount(), 6);
  EXPECT_EQ(yard->columnCount(), 32);
  EXPECT_EQ(yard->rowDescription(5), "L5");
  QAccessibleInterface* cell = yard->cellAt(5, first);
  ASSERT_TRUE(cell);
  const QString gate = QString::number(static_cast<double>(track.weights(shown, 5)[0]), 'f', 2);
  const std::int64_t uses =
      track.uses(5, first, std::max<std::int64_t>(0, shown + 1 - kBedWindow), shown + 1);
  EXPECT_EQ(cell->text(QAccessible::Name),
            QString("L5 E%1, 1st of 4, gate %2, used by %3 of the last 32 tokens")
                .arg(first)
                .arg(gate)
                .arg(uses));
  EXPECT_EQ(cell->tableCellInterface()->rowIndex(), 5);
  EXPECT_EQ(cell->tableCellInterface()->columnIndex(), first);
  EXPECT_FALSE(cell->rect().isEmpty());
  const QPoint middle = cell->rect().center();
  EXPECT_EQ(QAccessible::queryAccessibleInterface(&view->yard())->childAt(middle.x(), middle.y()),
            cell);
  workbench.selection().select(ExpertKey{5, first});
  EXPECT_TRUE(cell->state().selected);
  EXPECT_TRUE(cell->text(QAccessible::Name).endsWith(", selected"));
  EXPECT_EQ(yard->selectedCellCount(), 1);
  EXPECT_EQ(yard->cellAt(9, 0), nullptr);
  // Raster: layers by tokens.
  QAccessibleTableInterface* raster = tableOf(view->findChild<Raster*>());
  EXPECT_EQ(raster->rowCount(), 6);
  EXPECT_EQ(raster->columnCount(), track.end());
  cell = raster->cellAt(5, static_cast<int>(shown));
  EXPECT_TRUE(cell->text(QAccessible::Name).startsWith(QString("token %1 ").arg(shown)));
  EXPECT_TRUE(cell->text(QAccessible::Name).endsWith("L5 top-1 gate " + gate))
      << cell->text(QAccessible::Name).toStdString();
  EXPECT_EQ(cell->text(QAccessible::Value), gate);
  // Strip: one row of tokens.
  QAccessibleTableInterface* strip = tableOf(view->findChild<TokenStrip*>());
  EXPECT_EQ(strip->rowCount(), 1);
  EXPECT_EQ(strip->columnCount(), track.end());
  cell = strip->cellAt(0, 1);
  ASSERT_TRUE(cell);
  EXPECT_TRUE(cell->text(QAccessible::Name).startsWith("token 1 "));
  player.select(1);
  EXPECT_TRUE(cell->state().selected);
  // Without tokens there is no cell.
  player.showReel(nullptr);
  EXPECT_EQ(yard->rowCount(), 0);
  EXPECT_EQ(yard->cellAt(0, 0), nullptr);
  EXPECT_FALSE(cell->isValid());
}

TEST_F(LiveRun, AFilterLeavesTokensOut) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const Track& track = *player.track();
  const ExpertKey expert{3, track.firstChoice(track.end() - 1, 3)};
  TokenFilter filter;
  filter.routedTo = expert;
  workbench.selection().setFilter(filter);
  for (std::int64_t p = 0; p < track.end(); ++p)
    EXPECT_EQ(player.passes(p), std::ranges::count(track.ids(p, 3), expert.expert) > 0);
  filter.routedTo.reset();
  filter.range = {2, 5};
  workbench.selection().setFilter(filter);
  EXPECT_FALSE(player.passes(1));
  EXPECT_TRUE(player.passes(2));
  EXPECT_FALSE(player.passes(5));
  const QImage raster = view->raster().grab().toImage();
  EXPECT_EQ(raster.pixelColor(view->raster().cellRect(1, 2).center().toPoint()).name(),
            Theme::instance().color(Ink::FilteredOut).name());
}

TEST_F(LiveRun, ABrushDimsAReplayOfItsTrace) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const ItemKey live = workbench.document().current(ItemKind::Trace);
  player.replay(live, 0, 3);
  ASSERT_TRUE(waitFor([&] { return player.source() == PlaySource::Replay; }));
  TokenFilter filter;
  filter.range = {2, 5};
  workbench.selection().setFilter(filter);
  EXPECT_FALSE(player.passes(1));
  EXPECT_TRUE(player.passes(4));
  EXPECT_FALSE(player.passes(5));
  const QImage raster = view->raster().grab().toImage();
  EXPECT_EQ(raster.pixelColor(view->raster().cellRect(1, 2).center().toPoint()).name(),
            Theme::instance().color(Ink::FilteredOut).name());
  EXPECT_NE(raster.pixelColor(view->raster().cellRect(3, 2).center().toPoint()).name(),
            Theme::instance().color(Ink::FilteredOut).name());
  workbench.document().setCurrent(ItemKind::Trace, 0);
  EXPECT_TRUE(player.passes(1)) << "the brush is that of another trace";
}

TEST(TokensBefore, AreThoseOfTheSequencesBefore) {
  tests::TempFolder folder;
  jobs::CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = folder.write(
      "p.jsonl", "{\"text\": \"one two three\"}\n{\"text\": \"four\"}\n{\"text\": \"five six\"}\n");
  options.out = folder / "t.swy";
  base::ThreadContext threads(2);
  ASSERT_TRUE(jobs::capture(options, threads, {}));
  const auto trace = *trace::Trace::open(options.out);
  const auto reader = *trace->reader();
  EXPECT_EQ(*tokensBefore(*trace, 0), 0);
  EXPECT_EQ(*tokensBefore(*trace, 2), reader->size(0)->rows + reader->size(1)->rows);
}

TEST_F(LiveRun, APromptOfSeveralLinesIsSeenWhileItIsEdited) {
  QPlainTextEdit& prompt = view->prompt();
  const int line = prompt.height();
  prompt.setPlainText("one\ntwo\nthree");
  QFocusEvent in(QEvent::FocusIn), out(QEvent::FocusOut);
  QApplication::sendEvent(&prompt, &in);
  ASSERT_TRUE(waitFor([&] { return prompt.visibleRegion().boundingRect().height() == 3 * line; }))
      << prompt.visibleRegion().boundingRect().height();
  QApplication::sendEvent(&prompt, &out);
  EXPECT_TRUE(waitFor([&] { return prompt.visibleRegion().boundingRect().height() == line; }));
}

TEST_F(LiveRun, TheRasterIsATabWhereThereIsLittleHeight) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  auto* tabs = view->findChild<QTabBar*>();
  ASSERT_TRUE(tabs);
  EXPECT_FALSE(tabs->isVisible()) << "1280 x 800 has room for all: " << view->height();
  EXPECT_TRUE(waitFor([&] { return view->height() >= 570; }))
      << "577 in the design, " << view->height();
  EXPECT_TRUE(view->raster().isVisible() && view->yard().isVisible() &&
              view->nextTokens().isVisible());
  EXPECT_GE(view->yard().height(), 220);
  window.dock("timeline")->show();
  window.resize(1280, 660);
  ASSERT_TRUE(waitFor([&] { return tabs->isVisible(); }));
  EXPECT_TRUE(view->yard().isVisible());
  EXPECT_FALSE(view->raster().isVisible());
  tabs->setCurrentIndex(1);
  EXPECT_FALSE(view->yard().isVisible());
  EXPECT_TRUE(view->raster().isVisible() && view->nextTokens().isVisible());
  EXPECT_GT(view->raster().height(), 124);
  window.resize(1280, 800);
  ASSERT_TRUE(waitFor([&] { return !tabs->isVisible(); }));
  EXPECT_TRUE(view->raster().isVisible() && view->yard().isVisible());
}

} // namespace
} // namespace switchyard::studio
