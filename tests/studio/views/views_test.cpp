// The named views over a trace of the demo model: numbers against the results, linking, states.

#include <cmath>
#include <ctime>
#include <set>

#include <gtest/gtest.h>

#include <QAccessible>
#include <QFile>
#include <QPushButton>

#include "app/studio/document/numbers.h"
#include "app/studio/inspector/inspection.h"
#include "app/studio/shell/export_view.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/cache_view.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/compare_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/npmi_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/small_samples.h"
#include "app/studio/views/specialization_view.h"
#include "tests/studio/thread_time.h"
#include "tests/studio/views/traces.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

const HeatmapData& heatmap(const FigurePanel* panel) {
  return dynamic_cast<HeatmapScene*>(panel->figure()->scene())->data();
}

/// A view over the demo trace, shown, its result there.
template <typename T> struct Open {
  Workbench workbench{tests::builtPlugins()};
  T view;
  explicit Open(const char* id) : view(workbench, id, id) {
    EXPECT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
    view.resize(806, 560);
    view.show();
    ok = waitFor([&] { return view.analysis() != nullptr; }) && view.stateText().isEmpty();
  }
  bool ok = false; ///< the result is there and nothing stands in its place
  bool idle() {
    return waitFor([&] { return workbench.jobs().active() == 0; }) && waitFor([&] { return view.stateText().isEmpty(); });
  }
};

TEST(Experts, WithoutATraceSaysWhatIsNeeded) {
  Workbench workbench(tests::builtPlugins());
  ExpertsView view(workbench, "experts", "Experts");
  view.resize(806, 560);
  view.show();
  EXPECT_TRUE(view.stateText().startsWith("No routing recorded yet. This view needs the routing of some text"));
  EXPECT_TRUE(view.csv().isEmpty());
  EXPECT_FALSE(view.handles("figure.fit"));
  // The place of the cells is hatched.
  std::set<QRgb> colours;
  const QImage image = view.panels().front()->figure()->grab().toImage();
  for (int x = 100; x < 130; ++x)
    colours.insert(image.pixel(x, 60));
  EXPECT_TRUE(colours.contains(Theme::instance().color(Ink::NoData).rgb()));
}

TEST(Experts, ShowsTheLoadOfTheResult) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const HeatmapData& data = heatmap(open.view.panels().front());
  EXPECT_EQ(data.rows, 6);
  EXPECT_EQ(data.columns, 32);
  const auto* load = &open.view.analysis()->results.front();
  const trace::Table* table = tableOf(*load, "load_experts");
  ASSERT_TRUE(table);
  const auto lift = static_cast<std::size_t>(columnOf(*table, "lift"));
  for (std::size_t i = 0; i < table->rows.size(); ++i)
    EXPECT_EQ(data.spec.values[i], numberOf(table->rows[i][lift])) << i;
  EXPECT_EQ(data.spec.gutters.size(), 2u);
  EXPECT_FALSE(data.spec.stripNames.isEmpty());
  EXPECT_TRUE(open.view.commandLine().startsWith("switchyard analyze "));
  // A pixel of a cell has the colour of its value.
  FigureWidget* figure = open.view.panels().front()->figure();
  const QImage image = figure->grab().toImage();
  const QRectF cell = figure->scene()->itemRect(70);
  const Theme& theme = Theme::instance();
  EXPECT_EQ(image.pixel(static_cast<int>(cell.left()) + 2, static_cast<int>(cell.top()) + 2),
            theme.diverging().at(data.spec.domain.share(data.spec.values[70])));
}

TEST(Experts, SelectionIsTheSessions) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  Selection& selection = open.workbench.selection();
  selection.select(ExpertKey{5, 19});
  EXPECT_EQ(panel->figure()->marks().primary, 5 * 32 + 19);
  selection.setPin(ExpertKey{0, 27});
  EXPECT_EQ(panel->figure()->marks().pin, 27);
  open.view.command("figure.move-right");
  EXPECT_EQ(selection.primaryExpert(), (ExpertKey{5, 20}));
  open.view.command("figure.extend-up");
  EXPECT_EQ(selection.experts(), (std::vector<ExpertKey>{{4, 20}, {5, 20}}));
  open.view.setLinked(false);
  selection.select(ExpertKey{1, 1});
  EXPECT_EQ(panel->figure()->marks().primary, -1);
  open.view.setLinked(true);
  EXPECT_EQ(panel->figure()->marks().primary, 32 + 1);
}

TEST(Experts, OrdersMetricsAndFilters) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  open.view.setOrder("value");
  const auto valueAt = [&](int row, int place) {
    const HeatmapData& data = heatmap(panel);
    return data.spec.values[static_cast<std::size_t>(data.itemAtPlace(row, place))];
  };
  for (int place = 1; place < 32; ++place)
    EXPECT_GE(valueAt(3, place - 1), valueAt(3, place));
  open.view.setOrder("cluster");
  EXPECT_EQ(heatmap(panel).spec.trees.size(), 6u);
  EXPECT_EQ(heatmap(panel).spec.trees[0].size(), 31u);
  open.workbench.selection().select(ExpertKey{2, 30});
  open.view.setOrder("pinned");
  EXPECT_EQ(heatmap(panel).itemAtPlace(2, 0), 2 * 32 + 30);
  open.view.setFilter("selected");
  const auto& filtered = heatmap(panel).spec.filtered;
  EXPECT_EQ(std::count(filtered.begin(), filtered.end(), 0), 1);
  open.view.setFilter("all");
  open.view.setOrder("id");
  // Any metric of any result: gate mass, first choices, each label's share and lift.
  const QStringList metrics = open.view.metrics();
  EXPECT_TRUE(metrics.contains("load/load_experts/gate_mass"));
  EXPECT_TRUE(metrics.contains("specialization/specialization_labels/lift/label=ru"));
  open.view.setMetric("specialization/specialization_labels/share/label=ru");
  EXPECT_EQ(heatmap(panel).spec.domain.low, 0);
  EXPECT_EQ(heatmap(panel).spec.format, ValueFormat::Percent);
  const QString state = open.view.saveState();
  open.view.setMetric("load/load_experts/lift");
  open.view.restoreState(state);
  EXPECT_EQ(open.view.metric(), QString("specialization/specialization_labels/share/label=ru"));
}

TEST(Experts, AFilterRecomputesAndSaysHowMany) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const std::int64_t all = open.view.analysis()->results.front().provenance.tokens;
  open.workbench.selection().setFilter({.range = std::pair<qint64, qint64>(10, 110), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return open.view.analysis()->results.front().provenance.tokens == 100; }));
  const auto counts = [&] {
    std::int64_t sum = 0;
    for (int expert = 0; expert < 32; ++expert)
      sum += heatmap(open.view.panels().front()).spec.counts[static_cast<std::size_t>(expert)];
    return sum;
  };
  EXPECT_EQ(counts(), 400); // top-4
  open.workbench.selection().setFilter({.range = {}, .routedTo = ExpertKey{5, 19}});
  const auto uses = [&] { return heatmap(open.view.panels().front()).spec.counts[5 * 32 + 19]; };
  ASSERT_TRUE(waitFor([&] { return open.view.analysis()->results.front().provenance.tokens == uses() && counts() != 400; }));
  open.workbench.selection().setFilter({.range = std::pair<qint64, qint64>(all + 5, all + 9), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return open.view.stateText().startsWith("No tokens match. 0 of "); }));
  open.workbench.selection().setFilter({});
  ASSERT_TRUE(open.idle());
  EXPECT_EQ(open.view.analysis()->results.front().provenance.tokens, all);
}

TEST(Experts, BrushingShowsBlocksAtOnceThenTheExactNumbers) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  ASSERT_TRUE(waitFor([&] { return open.workbench.jobs().active() == 0; })); // the pyramid is there
  const tests::ThreadTime timer;
  open.workbench.selection().setFilter({.range = std::pair<qint64, qint64>(1000, 3000), .routedTo = {}});
  open.view.grab();
  RecordProperty("milliseconds", static_cast<int>(timer.milliseconds()));
  EXPECT_TRUE(open.view.showsPreview());
  EXPECT_LT(timer.milliseconds(), 100);
  const HeatmapData coarse = heatmap(open.view.panels().front());
  EXPECT_EQ(coarse.spec.total, 47 * 64 - 15 * 64); // blocks of 64 tokens
  ASSERT_TRUE(waitFor([&] { return !open.view.showsPreview(); }));
  const HeatmapData& exact = heatmap(open.view.panels().front());
  EXPECT_EQ(exact.spec.total, 2000);
  for (std::size_t i = 0; i < 32; ++i)
    EXPECT_NEAR(coarse.spec.values[i], exact.spec.values[i], 0.3) << i;
}

TEST(Experts, TableHasTheSameNumbers) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  EXPECT_TRUE(open.view.hasTable());
  open.view.setShowsTable(true);
  EXPECT_TRUE(open.view.showsTable());
  ResultTableView* table = open.view.panels().front()->table();
  EXPECT_EQ(table->model().rowCount(), 192);
  table->setCurrentIndex(table->model().index(40, 0));
  EXPECT_EQ(open.workbench.selection().primaryExpert(), (ExpertKey{1, 8}));
  table->sortByColumn(2, Qt::DescendingOrder);
  ASSERT_TRUE(waitFor([&] { return open.workbench.jobs().active() == 0 && table->model().order() != nullptr; }));
  const auto value = [&](int row) { return table->model().index(row, 2).data(Qt::UserRole).toDouble(); };
  EXPECT_GE(value(0), value(1));
  EXPECT_GE(value(100), value(191));
  EXPECT_EQ(open.view.csv().count('\n'), 193);
  EXPECT_TRUE(open.view.csv().startsWith("row,expert,load")) << open.view.csv().left(40).toStdString();
}

TEST(Experts, ExportsWhatIsShown) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const tests::TempFolder folder;
  const auto written = [&](const char* name) {
    const QString path = QString::fromStdString((folder / name).string());
    exportView(open.workbench, open.view, path);
    EXPECT_TRUE(waitFor([&] { return open.workbench.jobs().active() == 0 && QFile::exists(path); })) << name;
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << name;
    return file.readAll();
  };
  const QImage picture = QImage::fromData(written("load.png"), "PNG");
  EXPECT_EQ(picture.size(), QSize(2 * 806, 2 * 560));
  std::set<QRgb> colours;
  for (int x = 0; x < picture.width(); x += 7)
    for (int y = 0; y < picture.height(); y += 7)
      colours.insert(picture.pixel(x, y));
  EXPECT_GT(colours.size(), 20u); // cells of many values
  const QByteArray svg = written("load.svg");
  EXPECT_TRUE(svg.contains("<svg"));
  EXPECT_GE(svg.count("<rect") + svg.count("<path"), 192); // every cell is a shape
  EXPECT_TRUE(svg.contains("Load by expert"));
  EXPECT_TRUE(written("load.pdf").startsWith("%PDF"));
  EXPECT_EQ(written("load.csv").count('\n'), 193);
}

TEST(Experts, AChosenCellGoesToTheInspector) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  Q_EMIT panel->figure()->itemClicked(5 * 32 + 19, {});
  const std::optional<Inspected>& cell = Inspection::of(open.workbench).shown();
  ASSERT_TRUE(cell);
  EXPECT_EQ(cell->title, QString("L5 E19"));
  EXPECT_EQ(cell->source, QString("Load by expert"));
  const HeatmapData& data = heatmap(panel);
  ASSERT_EQ(data.spec.intervals.size(), 6u * 32);
  EXPECT_EQ(cell->rows.front(), std::pair(QString("load, 95 % interval"),
                                          valueText(data.spec.values[5 * 32 + 19], data.spec.intervals[5 * 32 + 19], ValueFormat::Times)));
  EXPECT_EQ(cell->rows[1].first, QString("Tokens"));
  EXPECT_TRUE(cell->formula.startsWith("load = "));
  EXPECT_EQ(cell->command, open.view.commandLine());
}

/// CPU time of all threads of this process, in ms.
double processMs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Every view that follows the filter shows a sample at once, then the exact numbers.
template <typename T> void expectPreview(const char* id, qint64 tokens = 4096) {
  Workbench workbench(tests::builtPlugins());
  T view(workbench, id, id);
  ASSERT_NE(tests::openTrace(workbench, tests::longTrace()), 0);
  if constexpr (std::is_same_v<T, NpmiView>)
    view.setMarkers("the=1");
  if constexpr (std::is_same_v<T, PluginView>) {
    view.setPlugin("sample-analyzer");
    view.run();
  }
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  if constexpr (std::is_same_v<T, ExpertsView>)
    view.setMetric("load/load_experts/gate_mass"); // load itself has the exact blocks
  const auto whole = view.analysis();
  view.grab(); // the fonts of all tokens are loaded once
  QTest::qWait(20);
  const double before = processMs();
  workbench.selection().setFilter({.range = std::pair<qint64, qint64>(1000, 29000), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  const double spent = processMs() - before;
  ::testing::Test::RecordProperty(std::string("preview_ms_") + id, std::to_string(spent));
  EXPECT_LT(spent, 200) << id; // of all threads
  EXPECT_TRUE(view.isPreview()) << id;
  EXPECT_TRUE(view.note().startsWith("Preview from " + grouped(tokens))) << view.note().toStdString();
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, tokens) << id;
  EXPECT_EQ(view.stateText(), QString()) << id;
  ASSERT_TRUE(waitFor([&] { return !view.isPreview(); })) << id;
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, 28000) << id;
  EXPECT_FALSE(view.note().startsWith("Preview")) << view.note().toStdString();
}

TEST(Brushing, ExpertsShowsASampleAtOnce) { expectPreview<ExpertsView>("experts"); }
TEST(Brushing, CoactivationShowsASampleAtOnce) { expectPreview<CoactivationView>("coactivation"); }
TEST(Brushing, SpecializationShowsASampleAtOnce) { expectPreview<SpecializationView>("specialization"); }
TEST(Brushing, NpmiShowsASampleAtOnce) { expectPreview<NpmiView>("npmi"); }
TEST(Brushing, ResultsShowsASampleAtOnce) { expectPreview<PluginView>("results"); }
TEST(Brushing, CacheShowsASampleAtOnce) { expectPreview<CacheView>("cache", 2048); }

TEST(Brushing, CompareShowsASampleAtOnce) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  const ItemKey a = tests::openTrace(workbench, tests::longTrace()), b = tests::openTrace(workbench, tests::longBannedTrace());
  workbench.document().setCurrent(ItemKind::Trace, a);
  view.resize(806, 560);
  view.show();
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  const auto whole = view.comparison();
  const double before = processMs();
  workbench.selection().setFilter({.range = std::pair<qint64, qint64>(1000, 29000), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.comparison() != whole; }));
  const double spent = processMs() - before;
  RecordProperty("preview_ms_compare", std::to_string(spent));
  EXPECT_LT(spent, 200);
  EXPECT_TRUE(view.note().startsWith("Preview from " + grouped(4096))) << view.note().toStdString();
  ASSERT_TRUE(waitFor([&] { return view.note().isEmpty() && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.comparison()->alignedTokens, 28000);
  EXPECT_TRUE(view.commandLine().endsWith(" --rows 1000:29000"));
  workbench.selection().setFilter({.range = std::pair<qint64, qint64>(1'000'000, 1'000'001), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.stateText().startsWith("No tokens match. 0 of "); }));
  workbench.selection().setFilter({});
  ASSERT_TRUE(waitFor([&] { return view.stateText().isEmpty() && view.comparison()->alignedTokens == whole->alignedTokens; }));
}

TEST(Brushing, ANewBrushDropsWhatTheLastOneAskedFor) {
  Workbench workbench(tests::builtPlugins());
  SpecializationView view(workbench, "specialization", "Specialization");
  ASSERT_NE(tests::openTrace(workbench, tests::longTrace()), 0);
  view.show();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  for (qint64 last = 20000; last <= 28000; last += 500) {
    workbench.selection().setFilter({.range = std::pair<qint64, qint64>(1000, last), .routedTo = {}});
    QTest::qWait(3);
  }
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0 && !view.isPreview(); }));
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, 27000);
  workbench.selection().setFilter({.range = std::pair<qint64, qint64>(0, 25000), .routedTo = {}});
  workbench.selection().setFilter({});
  QTest::qWait(50);
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, workbench.document().currentItem(ItemKind::Trace)->trace->tokens());
  EXPECT_EQ(view.note(), QString());
}

TEST(Coactivation, LiftIsJointOverProductAndBaseline) {
  Open<CoactivationView> open("coactivation");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  open.view.setLayer(5);
  open.view.setMeasure("lift");
  const HeatmapData& data = heatmap(open.view.panels().front());
  ASSERT_EQ(data.rows, 32);
  EXPECT_TRUE(data.spec.matrix);
  EXPECT_TRUE(std::isnan(data.spec.values[0])); // the diagonal
  // Against the pairs that the analyzer lists itself, by its own baseline.
  const auto* result = &open.view.analysis()->results.front();
  const trace::Table* pairs = tableOf(*result, "coactivation_pairs");
  ASSERT_TRUE(pairs);
  const auto at = [&](const char* name) { return static_cast<std::size_t>(columnOf(*pairs, name)); };
  int checked = 0;
  for (const auto& row : pairs->rows) {
    if (numberOf(row[at("layer")]) != 5)
      continue;
    const qsizetype i = data.spec.rowLabels.indexOf(QString::number(numberOf(row[at("i")])));
    const qsizetype j = data.spec.columnLabels.indexOf(QString::number(numberOf(row[at("j")])));
    const double expected = numberOf(row[at("lift")]) / ((4 - 1) * 32.0 / (4 * 31.0));
    EXPECT_NEAR(data.spec.values[static_cast<std::size_t>(i * 32 + j)], expected, 1e-9 * expected);
    EXPECT_EQ(data.spec.counts[static_cast<std::size_t>(i * 32 + j)], static_cast<std::int64_t>(numberOf(row[at("n_ij")])));
    ++checked;
  }
  EXPECT_GT(checked, 10);
  // A click on a pair selects both, and its bands light up in the flow.
  Q_EMIT open.view.panels().front()->figure()->itemClicked(5, {});
  EXPECT_EQ(open.workbench.selection().experts().size(), 2u);
  EXPECT_EQ(open.view.panels().front()->figure()->marks().primary, 5);
  ASSERT_TRUE(dynamic_cast<FlowScene*>(open.view.panels().at(1)->figure()->scene()));
  for (const char* measure : {"p", "jaccard", "phi"}) {
    open.view.setMeasure(measure);
    EXPECT_FALSE(open.view.panels().front()->isEmpty());
  }
  EXPECT_TRUE(open.view.handles("figure.previous-layer"));
  open.view.command("figure.previous-layer");
  EXPECT_EQ(open.view.layer(), 4);
}

TEST(Specialization, SharesIntervalsAndTokens) {
  Open<SpecializationView> open("specialization");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  open.view.setLayer(5);
  open.view.setMeasure("share");
  const HeatmapData& data = heatmap(open.view.panels().front());
  EXPECT_EQ(data.columns, 32);
  EXPECT_GT(data.rows, 5);
  for (int r = 0; r < data.rows; ++r) {
    double sum = 0;
    for (int c = 0; c < 32; ++c)
      sum += data.spec.values[static_cast<std::size_t>(r * 32 + c)];
    EXPECT_NEAR(sum, 4, 1e-6) << r; // every token has four experts
  }
  open.workbench.selection().select(ExpertKey{5, 30});
  ASSERT_GT(open.view.tokenTable()->model().rowCount(), 2);
  const auto bound = [&](int row) { return open.view.tokenTable()->model().index(row, 4).data(Qt::UserRole).toDouble(); };
  EXPECT_GE(bound(0), bound(1));
  ASSERT_TRUE(open.idle()); // texts of the tokens come from the model's tokenizer
  EXPECT_EQ(open.view.tokenTable()->model().index(0, 0).data(Qt::UserRole).typeId(), QMetaType::QString);
}

TEST(Specialization, WilsonBoundKeepsRareTokensBack) {
  EXPECT_NEAR(wilsonLower(0.5, 10), 0.2366, 1e-4); // by hand from the formula
  EXPECT_LT(wilsonLower(1.0, 2), wilsonLower(0.8, 100));
  EXPECT_EQ(wilsonLower(0, 0), 0);
}

TEST(Npmi, RankingEndsWithWhatLacksSupport) {
  Workbench workbench(tests::builtPlugins());
  NpmiView view(workbench, "npmi", "nPMI");
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  view.setMarkers("the=1");
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr; }));
  const ResultTableModel& model = view.ranking()->model();
  ASSERT_EQ(model.rowCount(), 192);
  bool weak = false;
  double previous = 2;
  for (int row = 0; row < model.rowCount(); ++row) {
    const bool muted = model.index(row, 0).data(Qt::ForegroundRole).isValid();
    EXPECT_TRUE(muted || !weak) << row;
    if (!muted) {
      EXPECT_LE(model.index(row, 1).data(Qt::UserRole).toDouble(), previous);
      previous = model.index(row, 1).data(Qt::UserRole).toDouble();
    }
    weak = muted;
  }
  ASSERT_EQ(view.recommended().size(), 2u);
  view.boostButton()->click();
  const Item* recipe = workbench.document().currentItem(ItemKind::Recipe);
  ASSERT_TRUE(recipe);
  EXPECT_EQ(recipe->recipe->steps.size(), 2u);
  EXPECT_EQ(recipe->recipe->steps.front().plugin, "boost");
  view.ranking()->setCurrentIndex(model.index(0, 0));
  EXPECT_EQ(workbench.selection().primaryExpert(), view.recommended().front());
}

TEST(Npmi, MarkersThatNeverOccurAreSaid) {
  Open<NpmiView> open("npmi"); // its default markers, which the demo model's text has not
  EXPECT_FALSE(open.ok);
  EXPECT_TRUE(open.view.stateText().startsWith("Nothing to rank. marker '<think>' never occurs")) << open.view.stateText().toStdString();
  EXPECT_FALSE(open.view.boostButton()->isEnabled());
}

TEST(Cache, HasALinePerPolicyAndALimit) {
  Open<CacheView> open("cache");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const auto* scene = dynamic_cast<ChartScene*>(open.view.panels().front()->figure()->scene());
  ASSERT_TRUE(scene);
  ASSERT_EQ(scene->spec().series.size(), 4u);
  const ChartSeries& optimum = scene->spec().series.back();
  EXPECT_TRUE(optimum.dashed);
  for (const ChartSeries& series : scene->spec().series)
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      EXPECT_LE(series.y[i], optimum.y[i] + 1e-12) << series.name.toStdString();
      EXPECT_GE(optimum.y[i], optimum.y[i == 0 ? 0 : i - 1]);
    }
}

TEST(Cache, ABrushReplaysItsTokensAlone) {
  Open<CacheView> open("cache");
  ASSERT_TRUE(open.ok && open.idle()) << open.view.stateText().toStdString();
  const auto whole = open.view.analysis();
  open.workbench.selection().setFilter({.range = std::pair<qint64, qint64>(100, 700), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return open.view.analysis() != whole && open.workbench.jobs().active() == 0; }));
  EXPECT_EQ(open.view.stateText(), QString());
  EXPECT_EQ(open.view.filterText(), "filtered: 600 of " + grouped(whole->results.front().provenance.tokens) + " tokens");
  EXPECT_TRUE(open.view.commandLine().endsWith(" --rows 100:700")) << open.view.commandLine().toStdString();
  // 600 tokens x 6 layers x 4 experts, each once per event.
  const trace::AnalysisResult& result = open.view.analysis()->results.front();
  EXPECT_EQ(result.provenance.tokens, 600);
  for (const auto& row : result.tables.front().rows)
    EXPECT_EQ(std::get<std::int64_t>(row[2]), 600 * 6 * 4);
  open.workbench.selection().setFilter({.range = std::pair<qint64, qint64>(5'000'000, 5'000'001), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return open.view.stateText().startsWith("No tokens match. 0 of "); }));
  open.workbench.selection().setFilter({});
  EXPECT_EQ(open.view.analysis(), whole);
  EXPECT_EQ(open.view.filterText(), QString());
}

TEST(Compare, DifferenceMapAgainstBothLoads) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  EXPECT_TRUE(view.stateText().startsWith("Two traces are needed"));
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::bannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText().toStdString(), "");
  const jobs::TraceComparison& found = *view.comparison();
  EXPECT_EQ(found.aligned, found.documents);
  EXPECT_EQ(found.loadB[5 * 32 + 19], 0); // banned
  EXPECT_GT(found.loadA[5 * 32 + 19], 0);
  EXPECT_EQ(found.agreement[0].value, 1); // layers before the ban route as before
  EXPECT_LT(found.agreement[5].value, 1);
  const HeatmapData& map = heatmap(view.panels().front());
  EXPECT_DOUBLE_EQ(map.spec.values[5 * 32 + 19], -found.loadA[5 * 32 + 19]);
  EXPECT_EQ(map.spec.dots[3], 1); // no difference at all: the interval contains 0
  view.swap();
  ASSERT_TRUE(waitFor([&] { return view.comparison()->loadA[5 * 32 + 19] == 0; }));
  view.setValue(CompareValue::A);
  const ColorDomain first = heatmap(view.panels().front()).spec.domain;
  view.setValue(CompareValue::B);
  EXPECT_EQ(heatmap(view.panels().front()).spec.domain, first); // both sides use one map
  view.setNormalised(true);
  for (const double value : heatmap(view.panels().front()).spec.values)
    EXPECT_LE(value, 1);
  EXPECT_TRUE(view.headline().contains("Agreement at 4"));
}

TEST(Compare, TextsThatDoNotAlignSayWhere) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::otherTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("documents align"); }));
  EXPECT_TRUE(view.stateText().startsWith("A and B have no document in common. 0 of ")) << view.stateText().toStdString();
}

TEST(Compare, TheFirstPairThatAlignsIsTheDefault) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  const ItemKey other = tests::openTrace(workbench, tests::otherTrace());
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  workbench.opener().openBeside(QString::fromStdString(tests::bannedTrace().string()));
  ASSERT_TRUE(waitFor([&] { return workbench.document().keys(ItemKind::Trace).size() == 3; }));
  const ItemKey b = workbench.document().keys(ItemKind::Trace).back();
  EXPECT_EQ(workbench.document().current(ItemKind::Trace), a); // the other one was opened beside it
  view.show();
  EXPECT_EQ(view.traces(), std::pair(a, b));
  ASSERT_TRUE(waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText(), QString());
  EXPECT_EQ(view.comparison()->at, 4);
  view.setAt(1);
  ASSERT_TRUE(waitFor([&] { return view.comparison()->at == 1 && workbench.jobs().active() == 0; }));
  EXPECT_DOUBLE_EQ(view.comparison()->agreement[5].value, view.comparison()->firstChoice[5]);
  EXPECT_TRUE(view.headline().contains("Agreement at 1"));
  // The aligned tokens are a table for screen readers, too.
  auto* aligned = view.findChild<AlignedTokens*>();
  ASSERT_TRUE(waitFor([&] { return aligned->tokens() > 0; }));
  QAccessibleTableInterface* table = QAccessible::queryAccessibleInterface(aligned)->tableInterface();
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columnCount(), aligned->tokens());
  EXPECT_TRUE(table->cellAt(0, 2)->text(QAccessible::Name).startsWith("token 2 "));
  // What somebody chose stays, also when the current trace changes.
  view.setTraces(a, other);
  workbench.document().setCurrent(ItemKind::Trace, b);
  view.refresh();
  EXPECT_EQ(view.traces(), std::pair(a, other));
  CompareView again(workbench, "compare", "Compare");
  again.restoreState(view.saveState());
  EXPECT_EQ(again.traces(), std::pair(a, other));
  workbench.document().remove(other);
  EXPECT_EQ(view.traces(), std::pair(a, b));
}

TEST(Compare, OneTraceOffersToRecordAnotherWithTheRecipe) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.show();
  tests::openTrace(workbench, tests::demoTrace());
  const auto button = [&] {
    for (QPushButton* found : view.findChildren<QPushButton*>())
      if (found->isVisible() && found->text().startsWith("Record"))
        return found;
    return static_cast<QPushButton*>(nullptr);
  };
  EXPECT_FALSE(button());
  Item prompts, model;
  prompts.kind = ItemKind::PromptSet;
  prompts.name = "some";
  prompts.path = QString::fromStdString(tests::somePrompts("few.jsonl", 0, 40).string());
  model.kind = ItemKind::Model;
  model.name = "demo-model";
  model.path = SY_DATA "/demo-model";
  workbench.document().add(prompts);
  workbench.document().add(model);
  workbench.steer(SteerStep::Ban, {5, 19});
  view.refresh();
  ASSERT_TRUE(button());
  button()->click();
  ASSERT_TRUE(waitFor([&] { return workbench.document().keys(ItemKind::Trace).size() == 2; }, 60000));
  const Item* made = workbench.document().item(workbench.document().keys(ItemKind::Trace).back());
  EXPECT_TRUE(made->trace->meta().recipe.find("ban") != std::string::npos);
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("documents align"); })) << view.stateText().toStdString();
}

TEST(Compare, FewDocumentsHaveNoIntervalsAndItSaysSo) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::fewTrace()), b = tests::openTrace(workbench, tests::fewBannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText(), QString());
  EXPECT_EQ(view.comparison()->aligned, 4); // three texts, one of them in two windows
  EXPECT_EQ(view.note(), QString("Only 4 documents in common; intervals need at least 5."));
}

TEST(SmallSamples, AreSaidInWords) {
  EXPECT_EQ(fewDocuments(5, "in common"), QString());
  EXPECT_EQ(fewDocuments(1, "in common"), QString("Only 1 document in common; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"ru", 12}, {"c", 5}}), QString());
  EXPECT_EQ(fewDocumentsOf({{"ru", 12}, {"it", 3}}), QString("Only 3 documents carry “it”; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"it", 3}, {"c", 1}}), QString("Only 1 document carries “c”, 3 “it”; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"a", 2}, {"b", 2}, {"c", 2}, {"d", 3}, {"e", 4}}),
            QString("Only 2 documents carry “a”, 2 “b”, 2 “c”, at most 4 each of 2 more; intervals need at least 5."));
}

TEST(Specialization, LabelsOfFewDocumentsHaveNoIntervals) {
  Workbench workbench(tests::builtPlugins());
  SpecializationView view(workbench, "specialization", "Specialization");
  ASSERT_NE(tests::openTrace(workbench, tests::fewTrace()), 0);
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr && view.stateText().isEmpty(); }));
  EXPECT_TRUE(view.note().startsWith("Only 1 document carries")) << view.note().toStdString();
  view.setMeasure("share");
  const HeatmapData& data = heatmap(view.panels().front());
  for (const auto& [low, high] : data.spec.intervals)
    EXPECT_TRUE(std::isnan(low) && std::isnan(high));
  EXPECT_EQ(std::count(data.spec.dots.begin(), data.spec.dots.end(), 1), 0);
}

TEST(Agreement, HasIntervalsAndChance) {
  Workbench workbench(tests::builtPlugins());
  AgreementView view(workbench, "agreement", "Agreement");
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::bannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  const auto* scene = dynamic_cast<ChartScene*>(view.panels().front()->figure()->scene());
  ASSERT_TRUE(scene);
  EXPECT_DOUBLE_EQ(scene->spec().reference.value_or(0), 4.0 / 32);
  EXPECT_EQ(scene->spec().series.front().intervals.size(), 6u);
}

TEST(Views, SayWhyTheyCannotCompute) {
  Workbench workbench(plugin::Registry::scan({.folders = {}})); // no plugins at all
  ExpertsView view(workbench, "experts", "Experts");
  view.show();
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  ASSERT_TRUE(waitFor([&] { return view.stateText().startsWith("Experts could not be computed"); }));
}

TEST(Views, FirstHeatmapComesSoonAfterTheResult) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const tests::ThreadTime timer;
  ExpertsView again(open.workbench, "experts", "Experts");
  again.resize(1918, 1159);
  again.show();
  again.grab();
  EXPECT_FALSE(again.panels().front()->isEmpty()); // the result was there
  RecordProperty("milliseconds", static_cast<int>(timer.milliseconds()));
  EXPECT_LT(timer.milliseconds(), 500);
}

} // namespace
} // namespace switchyard::studio
