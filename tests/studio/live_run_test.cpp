// Text generated in the window, from the prompt to the yard, on the demo model.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QAccessible>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>
#include <QTableView>

#include <nlohmann/json.hpp>

#include "app/jobs/capture.h"
#include "app/studio/figures/legend.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/replay.h"
#include "app/studio/live/routing_table.h"
#include "app/studio/live/token_strip.h"
#include "app/studio/live/yard_legend.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/live/yard_widget.h"
#include "app/studio/session/autosave.h"
#include "app/studio/session/recordings.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/gui_watchdog.h"
#include "tests/studio/wait.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

const QString kPrompt = "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";

class LiveRun : public testing::Test {
protected:
  void SetUp() override {
    window.resize(1280, 800);
    window.show();
    workbench.showView("live");
    workbench.opener().open(SY_DATA "/demo-model");
    ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Model) != 0; }));
    view = qobject_cast<LiveView*>(window.view("live"));
    ASSERT_TRUE(view);
  }

  void settings(int maxTokens, double temperature = 0, std::uint64_t seed = 0) {
    LiveSettings s = player.settings();
    s.generate.maxTokens = maxTokens;
    s.generate.sampler.temperature = temperature;
    s.generate.sampler.seed = seed;
    player.setSettings(s);
  }
  bool finish() {
    return waitFor([&] { return player.state() == PlayState::Finished; }, 60000);
  }
  bool paused(std::int64_t tokens) {
    return waitFor([&] {
      return player.state() == PlayState::Paused && player.track() && player.track()->end() == tokens;
    }, 60000);
  }
  std::vector<int> generated() const {
    std::vector<int> ids;
    for (const base::TokenId token : player.reel()->generated)
      ids.push_back(token.value);
    return ids;
  }

  Workbench workbench{plugin::Registry::scan()};
  MainWindow window{workbench};
  Player& player = Player::of(workbench);
  LiveView* view = nullptr;
};

TEST_F(LiveRun, TokensEqualTheCommandLines) {
  for (const double temperature : {0.0, 0.9}) {
    settings(40, temperature, 7);
    view->prompt().setPlainText(kPrompt);
    player.generate(kPrompt);
    ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing || player.state() == PlayState::Finished; }));
    ASSERT_TRUE(finish());
    const tests::ProcessResult cli = tests::run(
        {SY_CLI, "generate", SY_DATA "/demo-model", "--prompt", kPrompt.toStdString(), "--max-tokens", "40",
         "--temperature", std::to_string(temperature), "--seed", "7", "--json", "--quiet"});
    ASSERT_EQ(cli.exitCode, 0) << cli.err;
    const nlohmann::json expected = nlohmann::json::parse(cli.out);
    EXPECT_EQ(generated(), expected["ids"].get<std::vector<int>>());
    const Track& track = *player.track();
    EXPECT_EQ(track.promptLength(), static_cast<std::int64_t>(expected["prompt_ids"].size()));
    EXPECT_EQ(track.end(), track.promptLength() + static_cast<std::int64_t>(generated().size()));
    EXPECT_EQ(player.dropped(), 0);
    for (std::size_t i = 0; i < generated().size(); ++i)
      EXPECT_EQ(track.token(track.promptLength() + static_cast<std::int64_t>(i)), generated()[i]);
  }
}

TEST_F(LiveRun, WhatIsShownIsWhatIsRecorded) {
  settings(24);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const Track live = *player.track();
  const auto trace = player.reel()->trace;
  ASSERT_TRUE(trace);
  const auto window = loadReplay(trace, 0, 0, {});
  ASSERT_TRUE(window) << window.error().describe();
  ASSERT_EQ(window->track.end(), live.end());
  for (std::int64_t p = 0; p < live.end(); ++p)
    for (std::size_t l = 0; l < live.layers(); ++l) {
      ASSERT_TRUE(std::ranges::equal(live.ids(p, l), window->track.ids(p, l)));
      ASSERT_TRUE(std::ranges::equal(live.weights(p, l), window->track.weights(p, l)));
      ASSERT_EQ(live.entropy(p, l), window->track.entropy(p, l));
      ASSERT_EQ(live.margin(p, l), window->track.margin(p, l));
    }
  // It is a trace of the session, for all other views.
  const Item* item = workbench.document().currentItem(ItemKind::Trace);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->name, "live");
  // And it plays again, without a model.
  player.replay(item->key, 0, 5);
  ASSERT_TRUE(waitFor([&] { return player.source() == PlaySource::Replay && player.shown() == 5; }));
  EXPECT_EQ(player.state(), PlayState::Paused);
  player.step();
  EXPECT_EQ(player.shown(), 6);
  player.play();
  ASSERT_TRUE(finish());
  EXPECT_EQ(player.shown(), live.end() - 1);
  EXPECT_EQ(player.texts().piece(live.token(3)), player.texts().piece(player.track()->token(3)));
}

TEST_F(LiveRun, PausesStepsAndStops) {
  settings(60);
  player.generate(kPrompt, true);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Paused && player.track() && player.track()->next(player.track()->end() - 1); }));
  const std::int64_t prompt = player.track()->promptLength();
  EXPECT_EQ(player.track()->end(), prompt) << "one choice, nothing of it run";
  for (int i = 1; i <= 3; ++i) {
    player.step();
    ASSERT_TRUE(paused(prompt + i));
  }
  QTest::qWait(60);
  EXPECT_EQ(player.track()->end(), prompt + 3) << "it stands still";
  EXPECT_FALSE(view->yard().accessibleDescription().isEmpty());
  player.setRate(20);
  player.play();
  ASSERT_TRUE(waitFor([&] { return player.track()->end() >= prompt + 6; }));
  EXPECT_EQ(player.state(), PlayState::Playing);
  player.stop();
  ASSERT_TRUE(finish());
  EXPECT_EQ(player.reel()->ended, jobs::StopReason::Cancelled);
  EXPECT_LT(player.track()->end(), prompt + 60);
  EXPECT_TRUE(player.reel()->trace) << "what was made is kept";
  player.setRate(0);
}

TEST_F(LiveRun, ACandidateContinuesTheTextAndUndoBringsTheOldOneBack) {
  settings(16);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::vector<int> before = generated();
  const std::int64_t prompt = player.track()->promptLength();
  const std::int64_t at = prompt + 2;
  player.select(at);
  const NextToken* next = player.track()->next(at);
  ASSERT_TRUE(next);
  ASSERT_GE(next->candidates.size(), 2u);
  EXPECT_EQ(next->candidates[0].token, next->token) << "greedy";
  double sum = 0;
  for (const Candidate& candidate : next->candidates)
    sum += static_cast<double>(candidate.probability);
  EXPECT_LE(sum, 1.0001);
  const std::int32_t other = next->candidates[1].token;
  view->nextTokens().setFocus();
  QTest::mouseClick(&view->nextTokens(), Qt::LeftButton, {}, view->nextTokens().rowRect(1).center().toPoint());
  ASSERT_TRUE(waitFor([&] { return player.reel() && player.state() == PlayState::Finished && !generated().empty() && generated() != before; }));
  const std::vector<int> after = generated();
  EXPECT_EQ(std::vector<int>(after.begin(), after.begin() + 3), std::vector<int>(before.begin(), before.begin() + 3));
  EXPECT_EQ(after[3], other);
  EXPECT_EQ(after.size(), 16u);
  QUndoStack& undo = workbench.document().undoStack();
  ASSERT_TRUE(undo.undoText().startsWith("Continue with") || undo.canUndo());
  const std::int64_t end = player.track()->end();
  while (undo.canUndo() && !undo.undoText().startsWith("Continue with"))
    undo.undo(); // "Open live": the recorded trace
  undo.undo();
  EXPECT_EQ(generated(), before);
  undo.redo();
  EXPECT_EQ(generated(), after);
  EXPECT_EQ(player.track()->end(), end);
}

TEST_F(LiveRun, TheWindowThreadIsNeverAway) {
  settings(200);
  player.generate(kPrompt);
  ASSERT_TRUE(finish()); // weights are loaded, fonts are there
  tests::GuiWatchdog watchdog;
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  ASSERT_TRUE(finish());
  EXPECT_LT(watchdog.longestMs(), 50);
}

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
    const QRectF cell = places.cell(static_cast<int>(layer), track.firstChoice(player.shown(), layer));
    EXPECT_EQ(image.pixelColor(qRound(cell.left()) + 2, qRound(cell.center().y())).name(),
              yard::stationColor(static_cast<double>(track.topGate(player.shown(), layer)), {}).name());
  }
  // A click on a station makes it the primary expert; one on the strip shows another token.
  const YardCell third{2, track.firstChoice(player.shown(), 2)};
  QTest::mouseClick(&yard, Qt::LeftButton, {}, places.cell(third.moeLayer, third.expert).center().toPoint());
  EXPECT_EQ(workbench.selection().primaryExpert(), (ExpertKey{2, third.expert}));
  const std::int64_t wanted = track.end() - 3;
  QTest::mouseClick(&view->strip(), Qt::LeftButton, {}, view->strip().tokenRect(wanted).center().toPoint());
  EXPECT_EQ(player.shown(), wanted);
  EXPECT_FALSE(player.followsEnd());
  EXPECT_TRUE(workbench.selection().escape());
  // The raster's cell has the metric's colour.
  const QImage raster = view->raster().grab().toImage();
  const QRectF cell = view->raster().cellRect(track.end() - 2, 3);
  ASSERT_FALSE(cell.isEmpty());
  const double t = designedScale(TokenMetric::TopGate, track.shape()).share(static_cast<double>(track.topGate(track.end() - 2, 3)));
  EXPECT_EQ(raster.pixelColor(cell.center().toPoint()).name(),
            QColor(Theme::instance().sequential().at(t)).name());
}

TEST_F(LiveRun, HasNamesAndATableForThoseWhoCannotSeeIt) {
  settings(4);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  for (QWidget* figure : {static_cast<QWidget*>(&view->yard()), static_cast<QWidget*>(&view->strip()),
                          static_cast<QWidget*>(&view->raster()), static_cast<QWidget*>(&view->nextTokens())}) {
    EXPECT_FALSE(figure->accessibleName().isEmpty());
    EXPECT_EQ(figure->focusPolicy(), Qt::StrongFocus);
  }
  EXPECT_TRUE(view->yard().spoken().contains("First choices: L0 E"));
  RoutingTable table(player);
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  table.refresh();
  ASSERT_EQ(table.rowCount(), 6);
  EXPECT_EQ(table.index(5, RoutingTable::Layer).data(), "L5");
  EXPECT_EQ(table.index(5, RoutingTable::FirstRank).data(),
            QString("E%1").arg(player.track()->firstChoice(player.shown(), 5)));
  view->setShowsTable(true);
  EXPECT_TRUE(view->csv().contains("rank 1"));
}

TEST_F(LiveRun, ARecipeIsMarkedComparedAndUndone) {
  settings(12);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::vector<int> base = generated();
  const std::int64_t prompt = player.track()->promptLength();
  const int first = player.track()->firstChoice(prompt - 1, 5);
  workbench.steer(SteerStep::Ban, ExpertKey{5, first});
  ASSERT_EQ(view->yard().scene().marks.size(), 1u);
  EXPECT_EQ(view->yard().scene().marks[0], (RecipeMark{{5, first}, RecipeMark::Ban}));
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.other() != nullptr; }));
  ASSERT_TRUE(finish());
  const Track& track = *player.track();
  EXPECT_EQ(track.uses(5, first, 0, track.end()), 0) << "banned";
  EXPECT_LT(track.agreement(prompt - 1, 5), 1.0f) << "the model would have chosen it";
  EXPECT_EQ(track.agreement(prompt - 1, 0), 1.0f);
  EXPECT_GT(player.other()->track.uses(5, first, 0, prompt), 0);
  view->yard().setShowsOther(true);
  EXPECT_EQ(view->yard().scene().other, &player.other()->track);
  workbench.document().undoStack().undo();
  EXPECT_TRUE(view->yard().scene().marks.empty());
  workbench.document().undoStack().redo();
  EXPECT_EQ(view->yard().scene().marks.size(), 1u);
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
  const std::int64_t uses = track.uses(5, first, std::max<std::int64_t>(0, shown + 1 - kBedWindow), shown + 1);
  EXPECT_EQ(cell->text(QAccessible::Name), QString("L5 E%1, 1st of 4, gate %2, used by %3 of the last 32 tokens").arg(first).arg(gate).arg(uses));
  EXPECT_EQ(cell->tableCellInterface()->rowIndex(), 5);
  EXPECT_EQ(cell->tableCellInterface()->columnIndex(), first);
  EXPECT_FALSE(cell->rect().isEmpty());
  const QPoint middle = cell->rect().center();
  EXPECT_EQ(QAccessible::queryAccessibleInterface(&view->yard())->childAt(middle.x(), middle.y()), cell);
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
  EXPECT_TRUE(cell->text(QAccessible::Name).endsWith("L5 top-1 gate " + gate)) << cell->text(QAccessible::Name).toStdString();
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

TEST_F(LiveRun, DecodersShowWhatTheyRecord) {
  settings(5);
  LiveSettings s = player.settings();
  s.decoder = {"self-contrast", {{"top", "8"}}};
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::int64_t chosenAt = player.track()->promptLength() + 2;
  player.select(chosenAt);
  const NextToken* next = player.track()->next(chosenAt);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->candidates.front().strong);
  bool both = false; // a token that is among the best of both passes
  for (std::int64_t p = player.track()->promptLength() - 1; p < player.track()->end(); ++p)
    if (const NextToken* choice = player.track()->next(p))
      both = both || std::ranges::any_of(choice->candidates,
                                         [](const Candidate& c) { return c.strong && c.weak; });
  EXPECT_TRUE(both);
  EXPECT_EQ(view->nextTokens().headline(), "strong, weak, contrast");
  EXPECT_TRUE(player.commandLine().contains("--decoder self-contrast --self-contrast.top 8"));
  s.decoder = {"rerouting", {}};
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  ASSERT_TRUE(finish());
  workbench.selection().clear();
  EXPECT_TRUE(view->nextTokens().headline().contains("loss")) << view->nextTokens().headline().toStdString();
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
  options.prompts = folder.write("p.jsonl", "{\"text\": \"one two three\"}\n{\"text\": \"four\"}\n{\"text\": \"five six\"}\n");
  options.out = folder / "t.swy";
  base::ThreadContext threads(2);
  ASSERT_TRUE(jobs::capture(options, threads, {}));
  const auto trace = *trace::Trace::open(options.out);
  const auto reader = *trace->reader();
  EXPECT_EQ(*tokensBefore(*trace, 0), 0);
  EXPECT_EQ(*tokensBefore(*trace, 2), reader->size(0)->rows + reader->size(1)->rows);
}

TEST_F(LiveRun, AClickOnTheLegendChangesTheScaleOfRasterAndStrip) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  auto* legend = view->findChild<Legend*>();
  ASSERT_TRUE(legend);
  const std::int64_t at = player.track()->end() - 2;
  const double value = static_cast<double>(player.track()->topGate(at, 3));
  const auto cellColor = [&] {
    return view->raster().grab().toImage().pixelColor(view->raster().cellRect(at, 3).center().toPoint()).name();
  };
  const QString before = cellColor();
  QTest::mouseClick(legend, Qt::LeftButton);
  auto* popup = legend->findChild<QFrame*>("legendEditor");
  ASSERT_TRUE(popup);
  const auto boxes = popup->findChildren<QDoubleSpinBox*>();
  ASSERT_EQ(boxes.size(), 2);
  EXPECT_DOUBLE_EQ(boxes[0]->value(), 0.25);
  boxes[1]->setValue(value + 0.01);
  QTest::keyClick(boxes[1], Qt::Key_Return);
  EXPECT_DOUBLE_EQ(player.scaleOf(TokenMetric::TopGate).high, boxes[1]->value());
  const double share = (value - 0.25) / (boxes[1]->value() - 0.25);
  EXPECT_EQ(cellColor(), QColor(Theme::instance().sequential().at(share)).name());
  popup->findChild<QCheckBox*>()->setChecked(true);
  EXPECT_EQ(cellColor(), QColor(Theme::instance().sequential().at(1 - share)).name());
  QUndoStack& undo = workbench.document().undoStack();
  EXPECT_EQ(undo.undoText(), "Change the scale of top-1 gate");
  undo.undo();
  EXPECT_EQ(cellColor(), QColor(Theme::instance().sequential().at(share)).name());
  undo.redo();
  EXPECT_EQ(cellColor(), QColor(Theme::instance().sequential().at(1 - share)).name());
  const QString state = view->saveState();
  popup->findChild<QPushButton*>()->click(); // as designed
  EXPECT_EQ(cellColor(), before);
  view->restoreState(state);
  EXPECT_TRUE(player.scaleOf(TokenMetric::TopGate).inverted);
  EXPECT_EQ(cellColor(), QColor(Theme::instance().sequential().at(1 - share)).name());
  view->restoreState("{\"scales\": [[0, 2, 1, false], [99, 0, 1, true], 7, [1, \"x\", 1, true]]}");
  EXPECT_TRUE(player.scaleOf(TokenMetric::TopGate).inverted) << "nonsense is left out";
}

TEST_F(LiveRun, TheYardsLegendIsEditedByKeysUndoneAndKept) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  auto* legend = view->findChild<YardLegend*>();
  ASSERT_TRUE(legend);
  EXPECT_EQ(legend->accessibleName(), QString("Legend of the yard: gate weight 0 to ≥ 0.6, bed 0 to ≥ 60 %"));
  EXPECT_TRUE(legend->focusPolicy() & Qt::TabFocus);
  YardWidget& yard = view->yard();
  QUndoStack& undo = workbench.document().undoStack();
  const Track& track = *player.track();
  const int first = track.firstChoice(player.shown(), 3);
  const double gate = static_cast<double>(track.topGate(player.shown(), 3));
  ASSERT_LT(gate, 0.6);
  const auto stationColor = [&] {
    const QRectF cell = yard.where().cell(3, first);
    return yard.grab().toImage().pixelColor(qRound(cell.left()) + 2, qRound(cell.center().y())).name();
  };
  const QString before = stationColor();
  EXPECT_EQ(before, yard::stationColor(gate, {}).name());
  const int steps = undo.count();
  QTest::keyClick(legend, Qt::Key_Return);
  auto* popup = legend->findChild<QFrame*>("legendEditor");
  ASSERT_TRUE(popup);
  const auto boxes = popup->findChildren<QDoubleSpinBox*>();
  ASSERT_EQ(boxes.size(), 4);
  EXPECT_EQ(boxes[1]->accessibleName(), "Gate weight, High end");
  EXPECT_EQ(boxes[3]->text(), "60.00 %");
  QTest::keyClick(boxes[1], Qt::Key_Return);
  EXPECT_EQ(undo.count(), steps) << "nothing was changed";
  boxes[1]->setValue(1.2);
  QTest::keyClick(boxes[1], Qt::Key_Return);
  EXPECT_EQ(undo.undoText(), "Change the yard's scale of gate weights");
  EXPECT_EQ(stationColor(), yard::stationColor(gate / 2, {}).name()) << "half as strong where the scale is twice as long";
  boxes[3]->setValue(30);
  QTest::keyClick(boxes[3], Qt::Key_Return);
  EXPECT_EQ(undo.undoText(), "Change the scale of the yard's bed");
  EXPECT_DOUBLE_EQ(yard.scales().bed.high, 0.3);
  EXPECT_TRUE(legend->accessibleName().endsWith("gate weight 0 to ≥ 1.2, bed 0 to ≥ 30 %"));
  boxes[0]->setValue(2);
  QTest::keyClick(boxes[0], Qt::Key_Return);
  EXPECT_EQ(yard.scales().gate.low, 0) << "ends out of order";
  EXPECT_EQ(undo.count(), steps + 2);
  const YardScales changed = yard.scales();
  const QString state = view->saveState();
  undo.undo();
  undo.undo();
  EXPECT_EQ(yard.scales(), YardScales());
  EXPECT_EQ(stationColor(), before);
  view->restoreState(state);
  EXPECT_EQ(yard.scales(), changed);
  EXPECT_EQ(stationColor(), yard::stationColor(gate / 2, {}).name());
  EXPECT_EQ(undo.index(), steps) << "opening a session is no step";
  view->restoreState("{\"yard_scales\": {\"gate\": [2, 1, false], \"bed\": 7}}");
  EXPECT_EQ(yard.scales(), YardScales()) << "nonsense is left out";
  popup->close();
  view->restoreState(state);
  workbench.document().clear();
  EXPECT_EQ(yard.scales(), YardScales()) << "a new session begins as designed";
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
  EXPECT_TRUE(waitFor([&] { return view->height() >= 570; })) << "577 in the design, " << view->height();
  EXPECT_TRUE(view->raster().isVisible() && view->yard().isVisible() && view->nextTokens().isVisible());
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

TEST_F(LiveRun, ANewSessionForgetsWhatRuns) {
  settings(300);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  workbench.document().clear();
  EXPECT_EQ(player.state(), PlayState::Empty);
  QTest::qWait(200);
  EXPECT_TRUE(workbench.document().isEmpty()) << "nothing of the old session comes late";
  player.setRate(0);
}

TEST_F(LiveRun, SaysWhatIsWrong) {
  QStringList problems;
  QObject::connect(&workbench, &Workbench::problem, &window, [&](const Problem& p) { problems << p.title + p.text; });
  player.generate("");
  ASSERT_TRUE(waitFor([&] { return !problems.isEmpty(); }));
  EXPECT_TRUE(problems.first().contains("the prompt is empty"));
  LiveSettings s = player.settings();
  s.generate.sampler.topP = -1;
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return problems.size() >= 2; }));
}

TEST_F(LiveRun, ClosingWhileItRunsKeepsWhatWasGenerated) {
  settings(400);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing && player.track()->end() > player.track()->promptLength() + 5; }));
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
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing && player.track()->end() > player.track()->promptLength() + 3; }));
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
  EXPECT_EQ((*trace)->tokens(), player.track()->promptLength() + static_cast<std::int64_t>(generated().size()));
}

TEST_F(LiveRun, ThePromptIsKeptOnDiskBeforeTheModelRuns) {
  window.keepWorkSafe();
  settings(4);
  view->prompt().setPlainText("a prompt that took long to write");
  player.generate(view->prompt().toPlainText());
  const QDir kept(Autosave::folder());
  const auto holds = [&] {
    for (const QString& name : kept.entryList({"*.sysession"}, QDir::Files))
      if (tests::slurp(kept.absoluteFilePath(name).toStdString()).find("that took long") != std::string::npos)
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
