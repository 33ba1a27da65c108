// Figures of the window as data: hand-made scenes and what they have to become.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <QStandardItemModel>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/report/figure_data.h"
#include "app/studio/report/stable_pdf.h"
#include "app/studio/report/text_block.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {
namespace {

HeatmapSpec twoByThree() {
  HeatmapSpec spec;
  spec.title = "Load";
  spec.columnTitle = "expert";
  spec.rowLabels = QStringList{"L0", "L1"};
  spec.columnLabels = QStringList{"0", "1", "2"};
  spec.values = {1, 2, 3, 4, 5, 6};
  spec.unit = "share";
  return spec;
}

trace::Heatmap mapOf(HeatmapSpec spec) {
  const HeatmapScene scene(prepareHeatmap(std::move(spec)));
  const auto figure = figureOf(scene, "f");
  EXPECT_TRUE(figure);
  return std::get<trace::Heatmap>(figure->content);
}

TEST(FigureData, ColumnsStandAsShownIfAllRowsShareTheirOrder) {
  HeatmapSpec spec = twoByThree();
  spec.order = {2, 0, 1};
  const trace::Heatmap map = mapOf(spec);
  EXPECT_EQ(map.x.labels, (std::vector<std::string>{"2", "0", "1"}));
  EXPECT_EQ(map.values, (std::vector<double>{3, 1, 2, 6, 4, 5}));
  spec.order = {2, 0, 1, 1, 0, 2}; // each row its own: by column
  EXPECT_EQ(mapOf(spec).x.labels, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(mapOf(spec).values, spec.values);
}

TEST(FigureData, ValuesAreWrittenAsInTheWindow) {
  HeatmapSpec spec = twoByThree();
  spec.unit = "share of fair share";
  spec.format = ValueFormat::Times;
  EXPECT_EQ(mapOf(spec).unit, "times fair share");
  spec.unit = "gate";
  spec.format = ValueFormat::Percent;
  EXPECT_EQ(formatFor(mapOf(spec).unit), ValueFormat::Percent);
}

TEST(FigureData, WhatAFilterLeftOutIsNoDataAndTheNoteSaysSo) {
  HeatmapSpec spec = twoByThree();
  spec.filtered = {0, 1, 0, 0, 0, 1};
  const HeatmapScene scene(prepareHeatmap(spec));
  const auto figure = figureOf(scene, "f");
  ASSERT_TRUE(figure);
  const auto& map = std::get<trace::Heatmap>(figure->content);
  EXPECT_TRUE(std::isnan(map.values[1]) && std::isnan(map.values[5]));
  EXPECT_EQ(map.values[4], 5);
  EXPECT_FALSE(figure->note.empty());
}

TEST(FigureData, ChartsAndFlowsKeepTheirNumbers) {
  ChartSpec spec;
  spec.title = "Hit rate";
  spec.look = ChartLook::Line;
  spec.series = {{"lru", {1, 2}, {0.5, 0.75}, {{0.4, 0.6}, {0.7, 0.8}}, {}, false}};
  spec.marks = {{8, "working set"}};
  spec.reference = 0.25;
  const auto line = figureOf(ChartScene(spec), "f");
  ASSERT_TRUE(line);
  const auto& chart = std::get<trace::Chart>(line->content);
  EXPECT_EQ(chart.kind, trace::ChartKind::Line);
  EXPECT_EQ(chart.series[0].y, spec.series[0].y);
  EXPECT_EQ(chart.series[0].intervals, spec.series[0].intervals);
  EXPECT_EQ(chart.reference, 0.25);
  EXPECT_EQ(line->note, "working set at 8");
  spec.look = ChartLook::Dots;
  spec.categories = QStringList{"a", "b"};
  spec.series[0].x = {0, 1};
  const auto dots = figureOf(ChartScene(spec), "f");
  EXPECT_EQ(std::get<trace::Chart>(dots->content).kind, trace::ChartKind::Bar);
  EXPECT_EQ(std::get<trace::Chart>(dots->content).categories, (std::vector<std::string>{"a", "b"}));
  FlowSpec flow;
  flow.flow.nodes = {{"a", 0}, {"b", 1}};
  flow.flow.links = {{0, 1, 2.5}};
  const auto flowing = figureOf(FlowScene(flow), "f");
  EXPECT_EQ(std::get<trace::Flow>(flowing->content).links[0].amount, 2.5);
}

TEST(FigureData, LongTablesSayOfHowManyRowsTheyAreTheFirst) {
  trace::Table table{"t", "T", {{"n", "", ""}}, {}};
  for (std::int64_t i = 0; i < kReportRows + 3; ++i)
    table.rows.push_back({i});
  const auto source = tableSource(table);
  const trace::Table head = tableOf(*source, "T");
  EXPECT_EQ(static_cast<std::int64_t>(head.rows.size()), kReportRows);
  EXPECT_NE(head.title, "T");
  const trace::Table ordered = tableOf(*source, "T", {7, 3});
  EXPECT_EQ(ordered.title, "T");
  ASSERT_EQ(ordered.rows.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(ordered.rows[0][0]), 7);
  QStandardItemModel model(1, 2);
  model.setHorizontalHeaderLabels({"a", "b"});
  model.setItem(0, 1, new QStandardItem("<b>x</b>"));
  const trace::Table texts = tableOf(model, "M");
  EXPECT_EQ(std::get<std::string>(texts.rows[0][1]), "<b>x</b>");
}

TEST(TextBlock, BreaksEverythingIntoTheWidthAndElides) {
  const QFont font = Theme::instance().font();
  const TextBlock word(QString(200, 'x'), font, 100);
  EXPECT_GT(word.lines(), 5);
  EXPECT_LE(word.naturalWidth(), 101);
  const TextBlock cut(QString("some words that do not fit into two lines of this width"), font, 100,
                      Qt::AlignLeft, 2);
  EXPECT_EQ(cut.lines(), 2);
  EXPECT_EQ(TextBlock(QString(), font, 100).lines(), 1);
  EXPECT_EQ(drawable("a\xE2\x80\xAE"
                     "b<i>"),
            "a[U+202E]b<i>");
}

TEST(StablePdf, OnlyDatesAndIdentifiersChange) {
  const QByteArray pdf =
      "1 0 obj << /CreationDate (D:20261126150000+00'00') /X 1 >> /ID [ <0aff> <0aff> ] (D:1)";
  const QByteArray stable = stablePdf(pdf);
  EXPECT_EQ(stable.size(), pdf.size());
  EXPECT_EQ(stable.indexOf("2026"), -1);
  EXPECT_EQ(stable.indexOf("/X 1"), pdf.indexOf("/X 1"));
  EXPECT_NE(stable.indexOf("(D:1)"), -1);
}

} // namespace
} // namespace switchyard::studio
