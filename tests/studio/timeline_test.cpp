// Timeline and inspector.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAccessible>

#include "app/studio/document/numbers.h"
#include "app/studio/inspector/inspection.h"
#include "app/studio/inspector/inspector.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/lane_sampler.h"
#include "app/studio/timeline/sequence_index.h"
#include "app/studio/timeline/timeline.h"
#include "core/trace/writer.h"
#include "tests/studio/gui_watchdog.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using testing::ElementsAre;
using tests::waitFor;

/// Sequences of `tokens` tokens, every third one a prompt of two; labels a, b, b, a, b, b, ...
/// Top gate of token t of sequence s at every layer: 0.5 + s / 1000. Ids: "s<firstId>" and on.
void record(const std::filesystem::path& path, int sequences, int tokens, int layers = 2,
            int firstId = 0) {
  trace::TraceMeta meta;
  meta.stackLayers = layers;
  for (int l = 0; l < layers; ++l)
    meta.layers.push_back({l, 8, 2});
  auto writer = trace::TraceWriter::create(path, meta, {.weights = true});
  ASSERT_TRUE(writer) << writer.error().describe();
  std::vector<std::int32_t> experts, ids;
  for (int t = 0; t < tokens; ++t) {
    experts.insert(experts.end(), {t % 8, (t + 1) % 8});
    ids.push_back(t);
  }
  for (int s = 0; s < sequences; ++s) {
    trace::SequenceInfo info;
    info.index = s;
    info.id = "s" + std::to_string(firstId + s);
    info.labels = {{"domain", s % 3 == 0 ? "a" : "b"}, {"constant", "x"}};
    ASSERT_TRUE((*writer)->beginSequence(info));
    const float top = 0.5f + static_cast<float>(s % 400) / 1000;
    std::vector<float> weights;
    for (int t = 0; t < tokens; ++t)
      weights.insert(weights.end(), {top, 1 - top});
    for (int l = 0; l < layers; ++l)
      ASSERT_TRUE((*writer)->addRouting(l, {tokens, experts, weights, {}, {}}));
    ASSERT_TRUE((*writer)->endSequence(ids, 2));
  }
  ASSERT_TRUE((*writer)->finish());
}

TEST(SequenceIndex, PlacesSequencesAndTheirLabels) {
  const tests::TempFolder folder;
  record(folder / "t.swy", 6, 5);
  const auto trace = trace::Trace::open(folder / "t.swy");
  ASSERT_TRUE(trace);
  const auto index = SequenceIndex::build(*trace, {}, {});
  ASSERT_TRUE(index) << index.error().describe();
  EXPECT_EQ(index->sequences(), 6);
  EXPECT_EQ(index->tokens(), 30);
  EXPECT_EQ(index->label(), "domain") << "the first one with more than one value";
  EXPECT_THAT(index->labelKeys(), ElementsAre("constant", "domain"));
  EXPECT_THAT(index->values(), ElementsAre("b", "a")) << "most tokens first";
  EXPECT_EQ(index->valueOf(0), 1);
  EXPECT_EQ(index->valueOf(1), 0);
  for (std::int64_t token = 0; token < 30; ++token)
    EXPECT_EQ(index->sequenceAt(token), token / 5);
  EXPECT_EQ(index->sequenceAt(-3), 0);
  EXPECT_EQ(index->sequenceAt(99), 5);
  EXPECT_EQ(index->promptLength(3), 2);
}

TEST(LaneSampler, SpreadsColumnsAndReadsTheirMeans) {
  for (const int columns : {1, 2, 3, 7, 64, 401}) {
    std::vector<int> order = spreadOrder(columns);
    std::ranges::sort(order);
    ASSERT_EQ(order.size(), static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i)
      ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
  }
  EXPECT_THAT(spreadOrder(8), ElementsAre(0, 4, 2, 6, 1, 3, 5, 7));
  const tests::TempFolder folder;
  record(folder / "t.swy", 100, 50);
  const auto trace = trace::Trace::open(folder / "t.swy");
  ASSERT_TRUE(trace);
  auto index = std::make_shared<const SequenceIndex>(*SequenceIndex::build(*trace, {}, {}));
  auto sampler = LaneSampler::create(*trace, index);
  ASSERT_TRUE(sampler);
  const LaneRange range{0, 5000, 50}; // a column is two sequences
  for (const auto& [column, gate] :
       {std::pair(0, 0.501), std::pair(10, 0.521), std::pair(49, 0.599)}) {
    const auto value = (*sampler)->sample(range, column);
    ASSERT_TRUE(value) << value.error().describe();
    EXPECT_NEAR(*value, gate, 1e-6) << "of the sequence in its middle";
  }
}

class TimelineTest : public testing::Test {
protected:
  void open(int sequences, int tokens, int layers = 2) {
    record(folder / "t.swy", sequences, tokens, layers);
    timeline.resize(1280, 92);
    timeline.show();
    workbench.opener().open(QString::fromStdString((folder / "t.swy").string()));
    ASSERT_TRUE(waitFor([&] { return timeline.trace() != 0 && timeline.isReady(); }));
  }
  QPoint at(double token) { return QPoint(qRound(timeline.xOf(token)), 60); }

  tests::TempFolder folder;
  Workbench workbench{plugin::Registry::scan()};
  Player& player = Player::of(workbench);
  Timeline timeline{player, workbench};
};

TEST_F(TimelineTest, ABrushLimitsAllViews) {
  open(20, 50);
  EXPECT_EQ(timeline.tokens(), 1000);
  QTest::mousePress(&timeline, Qt::LeftButton, {}, at(200));
  QTest::mouseMove(&timeline, at(300));
  QTest::mouseMove(&timeline, at(400));
  QTest::mouseRelease(&timeline, Qt::LeftButton, {}, at(400));
  auto range = workbench.selection().filter().range;
  ASSERT_TRUE(range);
  EXPECT_NEAR(static_cast<double>(range->first), 200, 2);
  EXPECT_NEAR(static_cast<double>(range->second), 400, 2);
  EXPECT_TRUE(timeline.headline().contains("filtered"));
  // A handle moves.
  QTest::mousePress(&timeline, Qt::LeftButton, {}, at(static_cast<double>(range->second)));
  QTest::mouseMove(&timeline, at(600));
  QTest::mouseRelease(&timeline, Qt::LeftButton, {}, at(600));
  range = workbench.selection().filter().range;
  ASSERT_TRUE(range);
  EXPECT_NEAR(static_cast<double>(range->first), 200, 2);
  EXPECT_NEAR(static_cast<double>(range->second), 600, 2);
  timeline.setFocus();
  QTest::keyClick(&timeline, Qt::Key_Escape);
  EXPECT_FALSE(workbench.selection().filter().range);
}

TEST_F(TimelineTest, ZoomsToASequenceAndReplaysIt) {
  open(20, 50);
  QTest::mouseDClick(&timeline, Qt::LeftButton, {}, at(525));
  EXPECT_NEAR(timeline.view().first, 500, 1e-6);
  EXPECT_NEAR(timeline.view().second, 550, 1e-6);
  QTest::mouseClick(&timeline, Qt::LeftButton, {}, at(507.5));
  ASSERT_TRUE(
      waitFor([&] { return player.source() == PlaySource::Replay && player.shown() == 7; }));
  EXPECT_EQ(player.reel()->sequence, 10);
  timeline.fit();
  EXPECT_EQ(timeline.view().second, 1000);
}

TEST_F(TimelineTest, TheMetricLaneIsReadInPasses) {
  open(40, 50);
  ASSERT_TRUE(waitFor([&] { return timeline.knownColumns() > 300; }));
  const QImage image = timeline.grab().toImage();
  // The bar of the last sequence is as high as its gate, above it is the canvas.
  const Theme& theme = Theme::instance();
  EXPECT_EQ(image.pixelColor(at(1990).x(), timeline.height() - theme.px(18)).name() ==
                theme.color(Ink::Canvas).name(),
            false);
}

TEST_F(TimelineTest, ManySequencesOpenAtOnce) {
  open(20000, 4); // as many as ten million tokens in sequences of 512 have
  QElapsedTimer clock;
  clock.start();
  timeline.setTrace(0);
  timeline.setTrace(workbench.document().current(ItemKind::Trace));
  ASSERT_TRUE(waitFor([&] { return timeline.index() != nullptr; }));
  EXPECT_LT(clock.elapsed(), 1000);
  tests::GuiWatchdog watchdog;
  for (int i = 0; i < 40; ++i) {
    TokenFilter filter;
    filter.range = {i * 100, 20000 + i * 100};
    workbench.selection().setFilter(filter);
    timeline.repaint();
    QTest::qWait(1);
  }
  EXPECT_LT(watchdog.longestMs(), tests::kLongestMs);
}

TEST_F(TimelineTest, ComparedTracesHaveALaneEach) {
  open(30, 20);
  const ItemKey a = timeline.trace();
  const auto openOther = [&](const char* name, int sequences, int tokens) {
    record(folder / name, sequences, tokens);
    const QString path = QString::fromStdString((folder / name).string());
    workbench.opener().openBeside(path);
    EXPECT_TRUE(
        waitFor([&] { return workbench.document().findByPath(ItemKind::Trace, path) != 0; }));
    return workbench.document().findByPath(ItemKind::Trace, path);
  };
  const ItemKey b = openOther("b.swy", 30, 20), other = openOther("c.swy", 30, 21);
  EXPECT_EQ(timeline.trace(), a);
  EXPECT_FALSE(timeline.showsOther());
  workbench.document().setCompared(a, b);
  ASSERT_TRUE(waitFor([&] { return timeline.knownOtherColumns() > 100; }));
  // B's bars are in the pin's colour, in the lower half.
  const Theme& theme = Theme::instance();
  const QImage image = timeline.grab().toImage();
  EXPECT_EQ(image.pixelColor(at(300).x(), timeline.height() - theme.px(14)).name(),
            theme.color(Ink::Pin).name());
  EXPECT_NE(image.pixelColor(at(300).x(), timeline.height() / 2 - theme.px(2)).name(),
            theme.color(Ink::Pin).name());
  // Screen readers get both as rows of a table.
  QAccessibleTableInterface* table =
      QAccessible::queryAccessibleInterface(&timeline)->tableInterface();
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rowCount(), 2);
  EXPECT_EQ(table->rowDescription(0), "A, top-1 gate");
  EXPECT_EQ(table->rowDescription(1), "B, top-1 gate");
  ASSERT_TRUE(
      waitFor([&] { return timeline.knownOtherColumns() == timeline.lane(true).range().columns; }));
  EXPECT_TRUE(table->cellAt(1, 0)->text(QAccessible::Name).startsWith("tokens 0 to "))
      << table->cellAt(1, 0)->text(QAccessible::Name).toStdString();
  EXPECT_EQ(table->cellAt(1, 0)->text(QAccessible::Value), "0.50");
  // Sequences of other lengths do not stand under each other.
  workbench.document().setCompared(a, other);
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0; }));
  EXPECT_FALSE(timeline.showsOther());
  workbench.document().setCompared(b, a);
  ASSERT_TRUE(waitFor([&] { return timeline.showsOther(); }));
  workbench.document().remove(b); // the pair goes with it
  EXPECT_FALSE(timeline.showsOther());
}

TEST_F(TimelineTest, AReplayHasItsCounterpartInTheComparedTrace) {
  open(6, 20);
  const ItemKey a = timeline.trace();
  record(folder / "b.swy", 8, 20);
  const QString path = QString::fromStdString((folder / "b.swy").string());
  workbench.opener().openBeside(path);
  ASSERT_TRUE(waitFor([&] { return workbench.document().findByPath(ItemKind::Trace, path) != 0; }));
  const ItemKey b = workbench.document().findByPath(ItemKind::Trace, path);
  Player& player = Player::of(workbench);
  workbench.document().setCompared(a, b);
  player.replay(a, 4, 3);
  ASSERT_TRUE(waitFor([&] { return player.other() != nullptr; }));
  EXPECT_EQ(player.other()->item, b);
  EXPECT_EQ(player.other()->title, "s4");
  EXPECT_EQ(player.other()->track.end(), 20);
  player.replay(b, 7, 0); // A has no such document
  ASSERT_TRUE(waitFor([&] { return player.reel()->item == b && workbench.jobs().active() == 0; }));
  EXPECT_EQ(player.other(), nullptr);
  player.replay(b, 5, 0);
  ASSERT_TRUE(waitFor([&] { return player.other() && player.other()->item == a; }));
  workbench.document().setCompared(0, 0);
  EXPECT_EQ(player.other(), nullptr);
}

TEST_F(TimelineTest, SelectedTokensAreThoseOfTheSameDocumentInAnotherTrace) {
  open(6, 20); // s0 to s5
  const ItemKey a = timeline.trace();
  Inspector inspector(Player::of(workbench), workbench);
  inspector.show();
  Document& document = workbench.document();
  Selection& selection = workbench.selection();
  record(folder / "b.swy", 4, 12, 2, 2); // s2 to s5, shorter
  const QString path = QString::fromStdString((folder / "b.swy").string());
  workbench.opener().openBeside(path);
  ASSERT_TRUE(waitFor([&] { return document.findByPath(ItemKind::Trace, path) != 0; }));
  const ItemKey b = document.findByPath(ItemKind::Trace, path);
  selection.selectTokens({{4, 3}, {4, 15}, {0, 1}});
  selection.select(TokenKey{4, 5}, SelectMode::Extend);
  document.setCurrent(ItemKind::Trace, b);
  ASSERT_TRUE(waitFor([&] { return selection.primaryToken() == TokenKey{2, 5}; }));
  EXPECT_THAT(selection.tokens(), ElementsAre(TokenKey{2, 3}, TokenKey{2, 5}));
  EXPECT_EQ(selection.lostToken(), QString());
  document.setCurrent(ItemKind::Trace, a);
  ASSERT_TRUE(waitFor([&] { return selection.primaryToken() == TokenKey{4, 5}; }));
  // Behind the end of the shorter one, and in a document that it does not have.
  for (const auto& [token, words] :
       {std::pair(TokenKey{4, 15}, "s4, token 15"), std::pair(TokenKey{0, 1}, "s0, token 1")}) {
    selection.select(token);
    document.setCurrent(ItemKind::Trace, b);
    const QString said = QString("%1 has no counterpart in b.").arg(words);
    ASSERT_TRUE(waitFor([&] { return selection.lostToken() == said; }))
        << selection.lostToken().toStdString();
    EXPECT_TRUE(selection.tokens().empty());
    EXPECT_TRUE(waitFor([&] { return inspector.text().contains(said); }));
    EXPECT_TRUE(selection.escape());
    EXPECT_EQ(selection.lostToken(), QString());
    EXPECT_TRUE(waitFor([&] { return !inspector.text().contains(said); }));
    document.setCurrent(ItemKind::Trace, a);
  }
}

TEST(InspectorTest, ShowsTheCellAndTheResultThatWereChosen) {
  Workbench workbench(plugin::Registry::scan());
  Inspector inspector(Player::of(workbench), workbench);
  inspector.resize(268, 600);
  inspector.show();
  Inspection& inspection = Inspection::of(workbench);
  inspection.show({.title = "ru → L5 E30",
                   .source = "Labels × experts, L5",
                   .rows = {{"share", "41 %"},
                            {"95 % interval", "[36 %, 47 %]"},
                            {"interval contains chance", ""}},
                   .formula = "P(e | label) = ...",
                   .command = "switchyard analyze t.swy --with specialization"});
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("ru → L5 E30"); }));
  EXPECT_FALSE(inspector.text().contains("Nothing is selected"));
  for (const char* part : {"Labels × experts, L5", "share 41 %", "95 % interval [36 %, 47 %]",
                           "interval contains chance", "P(e | label)"})
    EXPECT_TRUE(inspector.text().contains(part)) << part << "\n" << inspector.text().toStdString();
  // The lock keeps it.
  inspector.setLocked(true);
  inspection.show({.title = "another"});
  QTest::qWait(20);
  EXPECT_TRUE(inspector.text().contains("ru → L5 E30"));
  inspector.setLocked(false);
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("another"); }));
  // A result from the library.
  jobs::Analysis analysis;
  analysis.ids = {"load"};
  analysis.command = "switchyard analyze t.swy --with load";
  trace::AnalysisResult& result = analysis.results.emplace_back();
  result.headlines.push_back(
      {"cv", "Spread of the load", trace::Cell(0.61), "", std::pair(0.55, 0.67), 0.95, ""});
  result.warnings = {"expert 3 is never selected"};
  result.provenance.formula = "load = count / fair share";
  result.provenance.tokens = 1234;
  result.provenance.sequences = 7;
  Item item;
  item.kind = ItemKind::Result;
  item.name = "load of t";
  item.analysis = std::make_shared<const jobs::Analysis>(analysis);
  const ItemKey key = workbench.document().add(item);
  workbench.showResult(key);
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("load of t"); }));
  for (const QString& part :
       {QString("Spread of the load 0.61 ± 0.06"), QString("Warning expert 3 is never selected"),
        "Tokens " + grouped(1234), QString("Documents 7"), QString("load = count / fair share")})
    EXPECT_TRUE(inspector.text().contains(part)) << part.toStdString() << "\n"
                                                 << inspector.text().toStdString();
  inspection.clear();
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("Nothing is selected"); }));
}

TEST(InspectorTest, ShowsWhatIsKnownOfTokenAndExpert) {
  const tests::TempFolder folder;
  record(folder / "t.swy", 3, 20);
  Workbench workbench(plugin::Registry::scan());
  Player& player = Player::of(workbench);
  Inspector inspector(player, workbench);
  inspector.resize(268, 600);
  inspector.show();
  EXPECT_TRUE(inspector.text().contains("Nothing is selected"));
  workbench.opener().open(QString::fromStdString((folder / "t.swy").string()));
  ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Trace) != 0; }));
  const ItemKey trace = workbench.document().current(ItemKind::Trace);
  player.replay(trace, 1, 7);
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("Token 7"); }));
  EXPECT_TRUE(inspector.text().contains("L1 E7 E0")) << inspector.text().toStdString();
  EXPECT_TRUE(inspector.text().contains("Mean top-1 gate 0.50"));
  // An expert with results: load, rank, partners, with their provenance.
  jobs::Analysis analysis;
  trace::AnalysisResult result;
  trace::Table load{"load_experts",
                    "",
                    {{"layer", "", ""},
                     {"expert", "", ""},
                     {"count", "", ""},
                     {"share", "", ""},
                     {"lift", "", ""},
                     {"first_choice", "", ""},
                     {"share_low", "", ""},
                     {"share_high", "", ""}},
                    {}};
  using trace::Cell;
  load.rows = {{Cell(std::int64_t{1}), Cell(std::int64_t{3}), Cell(std::int64_t{30}), Cell(0.3),
                Cell(1.5), Cell(std::int64_t{15}), Cell(0.2), Cell(0.4)},
               {Cell(std::int64_t{1}), Cell(std::int64_t{4}), Cell(std::int64_t{60}), Cell(0.6),
                Cell(3.0), Cell(std::int64_t{60}), Cell(), Cell()}};
  result.tables.push_back(load);
  trace::Table pairs{"coactivation_pairs",
                     "",
                     {{"layer", "", ""},
                      {"i", "", ""},
                      {"j", "", ""},
                      {"n_ij", "", ""},
                      {"lift_over_fixed_k", "", ""}},
                     {}};
  pairs.rows = {{Cell(std::int64_t{1}), Cell(std::int64_t{3}), Cell(std::int64_t{6}),
                 Cell(std::int64_t{12}), Cell(2.5)}};
  result.tables.push_back(pairs);
  trace::Heatmap map;
  map.x = {"expert", {"0", "1", "2", "3", "4"}};
  map.y = {"domain", {"law", "math"}};
  map.values = {0, 0, 0, 0.4, 1, 0, 0, 0, 9.4, 1};
  trace::Figure figure;
  figure.name = "specialization_layer_1";
  figure.content = map;
  result.figures.push_back(figure);
  analysis.results.push_back(result);
  Item item;
  item.kind = ItemKind::Result;
  item.name = "load";
  item.source = trace;
  item.analysis = std::make_shared<const jobs::Analysis>(analysis);
  workbench.document().add(item);
  workbench.selection().select(ExpertKey{1, 3});
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("Expert L1 E3"); }));
  const QString text = inspector.text();
  EXPECT_TRUE(text.contains("1.5 ± 0.5×"))
      << text.toStdString(); // its share is between 0.2 and 0.4
  EXPECT_TRUE(text.contains("30 of 100"));
  EXPECT_TRUE(text.contains("2nd of 2"));
  EXPECT_TRUE(text.contains("math 9.4×"));
  EXPECT_TRUE(text.contains("E6 2.5× (12 tokens)"));
  EXPECT_TRUE(text.contains("trace “t”"));
  // A pin stands beside it; a lock keeps it.
  workbench.selection().setPin(ExpertKey{1, 4});
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("Expert L1 E3 | L1 E4"); }));
  EXPECT_TRUE(inspector.text().contains("1.5× | 3.0×"));
  inspector.setLocked(true);
  workbench.selection().select(ExpertKey{0, 2});
  QTest::qWait(30);
  EXPECT_TRUE(inspector.text().contains("Expert L1 E3"));
  inspector.setLocked(false);
  ASSERT_TRUE(waitFor([&] { return inspector.text().contains("Expert L0 E2"); }));
}

} // namespace
} // namespace switchyard::studio
