// Previews of a brush that are limited to what a view shows: against counts of the sampled rows by
// naive code.

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include <QHeaderView>

#include "app/studio/document/numbers.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/preview_options.h"
#include "app/studio/views/specialization_view.h"
#include "core/trace/writer.h"
#include "tests/studio/views/traces.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

constexpr int kLayers = 12, kExperts = 16, kK = 2, kSequences = 500, kRows = 1000;
constexpr std::int64_t kAll = std::int64_t{kSequences} * kRows;

int expertAt(std::int64_t row, int layer, int slot) {
  const auto mixed = static_cast<std::uint64_t>(row + 977 * layer) * 0x9E3779B97F4A7C15U;
  const int first = static_cast<int>((mixed >> 33) % kExperts);
  return slot == 0 ? first
                   : (first + 1 + static_cast<int>((mixed >> 48) % (kExperts - 1))) % kExperts;
}

/// A trace so long that its exact numbers are there much later than a preview. Layers 1 to 12 of
/// the stack.
std::filesystem::path bigTrace() {
  static const tests::TempFolder folder;
  static const std::filesystem::path path = [] {
    trace::TraceMeta meta;
    meta.stackLayers = kLayers + 1;
    meta.vocabulary = 100;
    for (int layer = 0; layer < kLayers; ++layer)
      meta.layers.push_back({layer + 1, kExperts, kK});
    auto writer = trace::TraceWriter::create(folder / "big.swy", meta, trace::Columns{});
    EXPECT_TRUE(writer);
    std::vector<std::int32_t> ids(std::size_t{kRows} * kK);
    for (int s = 0; s < kSequences; ++s) {
      trace::SequenceInfo info;
      info.index = s;
      info.id = "s" + std::to_string(s);
      info.labels["domain"] = s % 2 ? "odd" : "even";
      EXPECT_TRUE((*writer)->beginSequence(info));
      for (int layer = 0; layer < kLayers; ++layer) {
        for (std::size_t i = 0; i < ids.size(); ++i)
          ids[i] = expertAt(std::int64_t{s} * kRows + static_cast<std::int64_t>(i / kK), layer,
                            static_cast<int>(i % kK));
        trace::RoutingRows routing;
        routing.rows = kRows;
        routing.ids = ids;
        EXPECT_TRUE((*writer)->addRouting(layer, routing));
      }
      EXPECT_TRUE((*writer)->endSequence(std::vector<std::int32_t>(kRows, s % 7), kRows));
    }
    EXPECT_TRUE((*writer)->finish());
    return folder / "big.swy";
  }();
  return path;
}

/// The rows of a preview of [first, last): 64 runs of 64.
std::vector<std::int64_t> sampledRows(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> rows;
  for (std::int64_t run = 0; run < 64; ++run)
    for (std::int64_t i = 0; i < 64; ++i)
      rows.push_back(first + run * (last - first) / 64 + i);
  return rows;
}

std::map<std::pair<int, int>, std::int64_t> pairsOf(const std::vector<std::int64_t>& rows,
                                                    int layer) {
  std::map<std::pair<int, int>, std::int64_t> pairs;
  for (const std::int64_t row : rows) {
    const int a = expertAt(row, layer, 0), b = expertAt(row, layer, 1);
    ++pairs[{std::min(a, b), std::max(a, b)}];
  }
  return pairs;
}

template <typename Scene> const Scene& sceneOf(const FigurePanel* panel) {
  return dynamic_cast<const Scene&>(*panel->figure()->scene());
}

/// Matrix and flow of MoE layer `layer` are those of these rows.
void expectLayer(const CoactivationView& view, int layer, const std::vector<std::int64_t>& rows) {
  const HeatmapData& matrix = sceneOf<HeatmapScene>(view.panels().front()).data();
  EXPECT_EQ(matrix.spec.title, QString("Chosen together, L%1").arg(layer + 1));
  EXPECT_EQ(matrix.spec.total, static_cast<std::int64_t>(rows.size()));
  auto pairs = pairsOf(rows, layer);
  ASSERT_EQ(matrix.rows, kExperts);
  for (int r = 0; r < kExperts; ++r)
    for (int c = 0; c < kExperts; ++c)
      if (const int a = matrix.spec.rowLabels.at(r).toInt(),
          b = matrix.spec.columnLabels.at(c).toInt();
          a != b) {
        const std::int64_t both = pairs[{std::min(a, b), std::max(a, b)}];
        EXPECT_EQ(matrix.spec.counts[static_cast<std::size_t>(r * kExperts + c)], both)
            << a << " " << b;
      }
  std::map<std::pair<std::string, std::string>, double> steps, shown;
  for (const std::int64_t row : rows)
    ++steps[{"E" + std::to_string(expertAt(row, layer - 1, 0)),
             "E" + std::to_string(expertAt(row, layer, 0))}];
  const FlowSpec& flow = sceneOf<FlowScene>(view.panels().at(1)).spec();
  EXPECT_EQ(flow.title, QString("First choices, L%1 to L%2").arg(layer).arg(layer + 1));
  for (const trace::Flow::Link& link : flow.flow.links)
    shown[{flow.flow.nodes[static_cast<std::size_t>(link.from)].label,
           flow.flow.nodes[static_cast<std::size_t>(link.to)].label}] += link.amount;
  EXPECT_EQ(shown, steps);
}

TEST(LayerPreview, CoactivationIsOfTheLayerShown) {
  Workbench workbench(tests::builtPlugins());
  CoactivationView view(workbench, "coactivation", "Co-activation");
  ASSERT_NE(tests::openTrace(workbench, bigTrace()), 0);
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  view.setLayer(8); // the eighth MoE layer
  const auto whole = view.analysis();
  const qint64 first = 20'000, last = 480'000;
  workbench.selection().setFilter({.range = std::pair(first, last), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  ASSERT_TRUE(view.isPreview());
  EXPECT_EQ(view.note(),
            "Preview from " + grouped(4096) + " of the tokens, L7, L8 only; exact numbers follow.");
  expectLayer(view, 7, sampledRows(first, last));
  EXPECT_EQ(view.analysis()->results.front().figures.size(),
            2u); // nothing was computed for the other ten
  EXPECT_TRUE(view.analysis()->results.front().provenance.filter.ends_with(
      "a sample of 4096 rows, layers 7 8"));
  // Another layer: its preview comes, and the exact numbers are not begun anew.
  const auto jobs = workbench.jobs().jobs().size();
  const auto preview = view.analysis();
  view.setLayer(3);
  EXPECT_EQ(workbench.jobs().jobs().size(), jobs + 1);
  ASSERT_TRUE(waitFor([&] { return view.analysis() != preview; }));
  if (view.isPreview()) { // on a busy machine the exact numbers may be faster
    EXPECT_TRUE(view.note().contains("L2, L3 only")) << view.note().toStdString();
    expectLayer(view, 2, sampledRows(first, last));
  }
  ASSERT_TRUE(waitFor([&] { return !view.isPreview(); }));
  EXPECT_EQ(workbench.jobs().jobs().size(), jobs + 1);
  EXPECT_EQ(view.note(), QString());
  std::vector<std::int64_t> all;
  for (std::int64_t row = first; row < last; ++row)
    all.push_back(row);
  expectLayer(view, 2, all);
  view.setLayer(8); // every layer is there
  EXPECT_EQ(workbench.jobs().jobs().size(), jobs + 1);
  expectLayer(view, 7, all);
}

TEST(LayerPreview, TheFirstLayerHasTheFlowToTheNext) {
  Workbench workbench(tests::builtPlugins());
  CoactivationView view(workbench, "coactivation", "Co-activation");
  ASSERT_NE(tests::openTrace(workbench, bigTrace()), 0);
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  view.setLayer(1);
  const auto whole = view.analysis();
  workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(0, kAll / 2), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  ASSERT_TRUE(view.isPreview());
  EXPECT_TRUE(view.note().contains("L1, L2 only")) << view.note().toStdString();
  EXPECT_EQ(sceneOf<FlowScene>(view.panels().at(1)).spec().title,
            QString("First choices, L1 to L2"));
  EXPECT_EQ(sceneOf<HeatmapScene>(view.panels().front()).title(), QString("Chosen together, L1"));
}

TEST(LayerPreview, SpecializationIsOfTheLayerShown) {
  Workbench workbench(tests::builtPlugins());
  SpecializationView view(workbench, "specialization", "Specialization");
  ASSERT_NE(tests::openTrace(workbench, bigTrace()), 0);
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  view.setLayer(8);
  view.setMeasure("share");
  const auto whole = view.analysis();
  const qint64 first = 20'000, last = 480'000;
  workbench.selection().setFilter({.range = std::pair(first, last), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  ASSERT_TRUE(view.isPreview());
  const auto expectShares = [&](int layer) {
    std::map<QString, std::map<int, std::int64_t>> counts;
    for (const std::int64_t row : sampledRows(first, last))
      for (int slot = 0; slot < kK; ++slot)
        ++counts[row / kRows % 2 ? "odd" : "even"][expertAt(row, layer, slot)];
    const HeatmapData& map = sceneOf<HeatmapScene>(view.panels().front()).data();
    EXPECT_EQ(map.spec.title, QString("Labels × experts, L%1").arg(layer + 1));
    ASSERT_EQ(map.rows, 2);
    for (int r = 0; r < 2; ++r)
      for (int e = 0; e < kExperts; ++e)
        EXPECT_EQ(map.spec.counts[static_cast<std::size_t>(r * kExperts + e)],
                  counts[map.spec.rowLabels.at(r)][e])
            << r << " " << e;
  };
  expectShares(7);
  EXPECT_GT(view.tokenTable()->model().rowCount(), 0);
  const auto preview = view.analysis();
  const auto jobs = workbench.jobs().jobs().size();
  workbench.selection().select(ExpertKey{3, 5}); // chosen elsewhere, in another layer
  EXPECT_EQ(workbench.jobs().jobs().size(), jobs + 1);
  ASSERT_TRUE(waitFor([&] { return view.analysis() != preview; }));
  EXPECT_EQ(view.layer(), 3);
  if (view.isPreview()) // on a busy machine the exact numbers may be faster
    expectShares(2);
  ASSERT_TRUE(waitFor([&] { return !view.isPreview(); }));
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, last - first);
}

TEST(Preview, ResultsMakesFewerShufflesAndSaysSo) {
  Workbench workbench(tests::builtPlugins());
  PluginView view(workbench, "results", "Results");
  ASSERT_NE(tests::openTrace(workbench, bigTrace()), 0);
  view.setPlugin("transitions");
  view.resize(806, 560);
  view.show();
  view.run();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  const auto shuffles = [&] {
    for (const auto& [name, value] : view.analysis()->results.front().provenance.options)
      if (name == "permutations")
        return value;
    return std::string();
  };
  EXPECT_EQ(shuffles(), "199");
  EXPECT_FALSE(view.note().contains("shuffles"));
  const auto whole = view.analysis();
  workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(0, kAll / 2), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  EXPECT_EQ(shuffles(), "19");
  EXPECT_TRUE(view.note().endsWith("Tests of the preview rest on 19 shuffles."))
      << view.note().toStdString();
  ASSERT_TRUE(waitFor([&] { return !view.isPreview(); }));
  EXPECT_EQ(shuffles(), "199");
  EXPECT_FALSE(view.note().contains("shuffles"));
}

TEST(Preview, OnlyShufflesAreFewer) {
  const auto option = [](const char* name, const char* unit, std::int64_t value) {
    plugin::OptionSpec spec;
    spec.name = name;
    spec.type = plugin::OptionType::Integer;
    spec.unit = unit;
    spec.defaults = std::vector<plugin::OptionScalar>{value};
    return spec;
  };
  std::vector<plugin::OptionSpec> specs = {
      option("often", "shuffles", 199), option("some", "shuffles", 9),
      option("least", "shuffles", 199), option("pairs", "pairs", 500)};
  specs[2].minimum = 99;
  using Arguments = plugin::OptionArguments;
  EXPECT_EQ(previewArguments(specs, {}), (Arguments{{"often", "19"}, {"least", "99"}}));
  EXPECT_EQ(previewArguments(specs, {{"pairs", "7"}, {"often", "500"}, {"least", "99"}}),
            (Arguments{{"pairs", "7"}, {"often", "19"}, {"least", "99"}}));
  EXPECT_EQ(previewArguments(specs, {{"often", "5"}, {"some", "x"}, {"least", "99"}}),
            (Arguments{{"often", "5"}, {"some", "x"}, {"least", "99"}}));
}

TEST(Preview, AHiddenTableIsMeasuredWhenItIsSeen) {
  Workbench workbench(tests::builtPlugins());
  ResultTableView table(workbench);
  table.resize(600, 300);
  trace::Table wide;
  wide.columns = {{"a", "", ""}};
  wide.rows = {{trace::Cell(std::string(20, 'w'))}};
  table.setSource(tableSource(wide), "wide");
  EXPECT_EQ(table.columnWidth(0), table.horizontalHeader()->defaultSectionSize()); // not measured
  table.show();
  const QFontMetrics metrics(Theme::instance().font(TextSize::Control));
  EXPECT_GT(table.columnWidth(0), metrics.horizontalAdvance(QString(20, 'w')));
  wide.rows = {{trace::Cell(std::string("w"))}};
  table.setSource(tableSource(wide), "narrow"); // seen: at once
  EXPECT_LT(table.columnWidth(0), metrics.horizontalAdvance(QString(20, 'w')));
}

TEST(Results, WhatLayersHaveInCommonIsSaidOnce) {
  Workbench workbench(tests::builtPlugins());
  FigurePanel* panel = nullptr;
  PluginView view(workbench, "results", "Results");
  panel = view.panels().front();
  ResultPage page(view, panel);
  trace::AnalysisResult result;
  result.warnings = {"layer 3: too few", "layer 7: none",    "all: seen",
                     "layer 4: too few", "layer 6: too few", "all: seen"};
  page.setResult(nullptr, result);
  const QString text = page.summaryText();
  EXPECT_EQ(text.count("too few"), 1);
  EXPECT_TRUE(text.contains("layers 3 to 4, 6: too few")) << text.toStdString();
  EXPECT_TRUE(text.contains("layer 7: none"));
  EXPECT_EQ(text.count("all: seen"), 2);
  EXPECT_LT(text.indexOf("too few"), text.indexOf("none"));
}

} // namespace
} // namespace switchyard::studio
