// Co-activation, Specialization, nPMI and Cache over a trace of the demo model: numbers against the
// results, and what is said where there is too little.

#include <algorithm>
#include <cmath>

#include <QPushButton>

#include "app/studio/document/numbers.h"
#include "app/studio/views/cache_view.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/npmi_view.h"
#include "app/studio/views/small_samples.h"
#include "app/studio/views/specialization_view.h"
#include "tests/studio/thread_time.h"
#include "tests/studio/views/open_view.h"

namespace switchyard::studio {
namespace {

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
  const auto at = [&](const char* name) {
    return static_cast<std::size_t>(columnOf(*pairs, name));
  };
  int checked = 0;
  for (const auto& row : pairs->rows) {
    if (numberOf(row[at("layer")]) != 5)
      continue;
    const qsizetype i = data.spec.rowLabels.indexOf(QString::number(numberOf(row[at("i")])));
    const qsizetype j = data.spec.columnLabels.indexOf(QString::number(numberOf(row[at("j")])));
    const double expected = numberOf(row[at("lift")]) / ((4 - 1) * 32.0 / (4 * 31.0));
    EXPECT_NEAR(data.spec.values[static_cast<std::size_t>(i * 32 + j)], expected, 1e-9 * expected);
    EXPECT_EQ(data.spec.counts[static_cast<std::size_t>(i * 32 + j)],
              static_cast<std::int64_t>(numberOf(row[at("n_ij")])));
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
  const auto bound = [&](int row) {
    return open.view.tokenTable()->model().index(row, 4).data(Qt::UserRole).toDouble();
  };
  EXPECT_GE(bound(0), bound(1));
  ASSERT_TRUE(open.idle()); // texts of the tokens come from the model's tokenizer
  EXPECT_EQ(open.view.tokenTable()->model().index(0, 0).data(Qt::UserRole).typeId(),
            QMetaType::QString);
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
  EXPECT_TRUE(open.view.stateText().startsWith("Nothing to rank. marker '<think>' never occurs"))
      << open.view.stateText().toStdString();
  EXPECT_FALSE(open.view.boostButton()->isEnabled());
  open.view.hide(); // another view
  open.view.show();
  EXPECT_TRUE(open.view.stateText().startsWith("Nothing to rank.")) << "it is said again";
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
  open.workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(100, 700), .routedTo = {}});
  ASSERT_TRUE(waitFor(
      [&] { return open.view.analysis() != whole && open.workbench.jobs().active() == 0; }));
  EXPECT_EQ(open.view.stateText(), QString());
  EXPECT_EQ(open.view.filterText(),
            "filtered: 600 of " + grouped(whole->results.front().provenance.tokens) + " tokens");
  EXPECT_TRUE(open.view.commandLine().endsWith(" --rows 100:700"))
      << open.view.commandLine().toStdString();
  // 600 tokens x 6 layers x 4 experts, each once per event.
  const trace::AnalysisResult& result = open.view.analysis()->results.front();
  EXPECT_EQ(result.provenance.tokens, 600);
  for (const auto& row : result.tables.front().rows)
    EXPECT_EQ(std::get<std::int64_t>(row[2]), 600 * 6 * 4);
  open.workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(5'000'000, 5'000'001), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return open.view.stateText().startsWith("No tokens match. 0 of "); }));
  open.workbench.selection().setFilter({});
  EXPECT_EQ(open.view.analysis(), whole);
  EXPECT_EQ(open.view.filterText(), QString());
}

TEST(SmallSamples, AreSaidInWords) {
  EXPECT_EQ(fewDocuments(5, "in common"), QString());
  EXPECT_EQ(fewDocuments(1, "in common"),
            QString("Only 1 document in common; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"ru", 12}, {"c", 5}}), QString());
  EXPECT_EQ(fewDocumentsOf({{"ru", 12}, {"it", 3}}),
            QString("Only 3 documents carry “it”; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"it", 3}, {"c", 1}}),
            QString("Only 1 document carries “c”, 3 “it”; intervals need at least 5."));
  EXPECT_EQ(fewDocumentsOf({{"a", 2}, {"b", 2}, {"c", 2}, {"d", 3}, {"e", 4}}),
            QString("Only 2 documents carry “a”, 2 “b”, 2 “c”, at most 4 each of 2 more; intervals "
                    "need at least 5."));
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

TEST(Views, SayWhyTheyCannotCompute) {
  Workbench workbench(plugin::Registry::scan({.folders = {}})); // no plugins at all
  ExpertsView view(workbench, "experts", "Experts");
  view.show();
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  ASSERT_TRUE(
      waitFor([&] { return view.stateText().startsWith("Experts could not be computed"); }));
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
