// What the scenes draw and say: probed pixels, hit tests, texts.

#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

HeatmapSpec grid(int rows, int columns) {
  HeatmapSpec spec;
  spec.title = "Load by expert";
  spec.measure = "load";
  for (int r = 0; r < rows; ++r)
    spec.rowLabels << QString("L%1").arg(r);
  for (int c = 0; c < columns; ++c)
    spec.columnLabels << QString::number(c);
  spec.columnTitle = "expert";
  for (int i = 0; i < rows * columns; ++i)
    spec.values.push_back(0.5 + i % 5 * 0.5);
  spec.format = ValueFormat::Times;
  spec.domain = domainFor(spec.values, DomainRule::Load);
  return spec;
}

QImage painted(FigureScene& scene, const QSize& size) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(Theme::instance().color(Ink::Canvas));
  QPainter painter(&image);
  scene.layout(QSizeF(size), 1);
  scene.paint(painter, PaintTarget::Screen);
  return image;
}

/// Leaves 0..n-1 joined one after the other to the first: a comb whose heights rise.
std::vector<trace::DendrogramMerge> comb(int leaves) {
  std::vector<trace::DendrogramMerge> merges;
  for (int i = 1; i < leaves; ++i)
    merges.push_back({i == 1 ? 0 : leaves + i - 2, i, static_cast<double>(i)});
  return merges;
}

TEST(Dendrogram, IsCutIntoClusters) {
  const DendrogramShape tree(comb(512), 512);
  // 63 merges stay: the last 63 leaves are clusters of their own, the first 449 are one.
  EXPECT_EQ(tree.nodes().size() - tree.firstAbove(64), 63u);
  const auto size = [&](int place) {
    const auto& node = tree.nodes()[static_cast<std::size_t>(tree.clusterAt(place, 64))];
    return node.last - node.first + 1;
  };
  EXPECT_EQ(size(0), 449);
  EXPECT_EQ(size(448), 449);
  EXPECT_EQ(size(449), 1);
  EXPECT_EQ(size(511), 1);
  EXPECT_EQ(tree.clusterAt(512, 64), -1);
  EXPECT_TRUE(isCut(tree, 1.5));
  EXPECT_FALSE(isCut(tree, 6));
  EXPECT_FALSE(isCut(DendrogramShape(comb(32), 32), 1.5));
}

TEST(HeatmapScene, ADoubleClickOpensAClusterOfAWideMatrix) {
  HeatmapSpec spec = grid(512, 512);
  spec.matrix = true;
  // Eight groups of 64 neighbours, joined in pairs from the bottom up.
  std::vector<int> level;
  for (int leaf = 0; leaf < 512; ++leaf)
    level.push_back(leaf);
  spec.trees.emplace_back();
  for (double height = 1; level.size() > 1; ++height) {
    std::vector<int> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      spec.trees.front().push_back({level[i], level[i + 1], height});
      next.push_back(512 + static_cast<int>(spec.trees.front().size()) - 1);
    }
    level = std::move(next);
  }
  HeatmapScene scene(prepareHeatmap(spec));
  scene.layout({806, 560}, 1);
  EXPECT_TRUE(scene.detailNote().contains("dendrogram cut to 64 clusters"))
      << scene.detailNote().toStdString();
  const QPointF at(scene.plot().left() - 10,
                   scene.plot().top() + scene.plot().height() * 100.5 / 512);
  ASSERT_TRUE(scene.zoomAt(at));
  scene.layout({806, 560}, 1);
  EXPECT_TRUE(scene.isZoomed());
  // Place 100 is in the cluster of eight from 96 on.
  EXPECT_FALSE(scene.itemRect(96 * 512 + 96).isEmpty());
  EXPECT_FALSE(scene.itemRect(103 * 512 + 103).isEmpty());
  EXPECT_TRUE(scene.itemRect(104 * 512 + 104).isEmpty());
  EXPECT_TRUE(scene.itemRect(95 * 512 + 95).isEmpty());
  EXPECT_FALSE(scene.detailNote().contains("clusters"));
  EXPECT_FALSE(scene.zoomAt({scene.plot().right() + 3, 5}));
}

class BothShades : public ::testing::TestWithParam<ThemeChoice> {
protected:
  void SetUp() override { Theme::instance().setChoice(GetParam()); }
  void TearDown() override { Theme::instance().setChoice(ThemeChoice::System); }
};
INSTANTIATE_TEST_SUITE_P(Theme, BothShades,
                         ::testing::Values(ThemeChoice::Dark, ThemeChoice::Light));

TEST_P(BothShades, CellsHaveTheColourOfTheirValue) {
  HeatmapSpec spec = grid(6, 32);
  spec.values[7] = kNone;
  HeatmapScene scene(prepareHeatmap(spec));
  const QImage image = painted(scene, {806, 450});
  const Theme& theme = Theme::instance();
  for (const int item : {0, 1, 33, 191}) {
    const QRectF cell = scene.itemRect(item);
    ASSERT_FALSE(cell.isEmpty()) << item;
    const QRgb expected =
        theme.diverging().at(scene.domain().share(spec.values[static_cast<std::size_t>(item)]));
    EXPECT_EQ(image.pixel(cell.center().toPoint()), expected) << item;
    EXPECT_EQ(scene.itemAt(cell.center()), item);
  }
  // No data: hatched, in no colour of the map.
  std::set<QRgb> colours;
  const QRect hole = scene.itemRect(7).toAlignedRect().adjusted(1, 1, -1, -1);
  for (int y = hole.top(); y < hole.bottom(); ++y)
    for (int x = hole.left(); x < hole.right(); ++x)
      colours.insert(image.pixel(x, y));
  EXPECT_EQ(colours,
            (std::set<QRgb>{theme.color(Ink::NoData).rgb(), theme.color(Ink::NoDataHatch).rgb()}));
  // One pixel of canvas between cells.
  const QRectF first = scene.itemRect(0), second = scene.itemRect(1);
  EXPECT_EQ(second.left() - first.right(), 1);
  EXPECT_EQ(image.pixel(static_cast<int>(first.right()), static_cast<int>(first.center().y())),
            theme.color(Ink::Canvas).rgb());
}

TEST_P(BothShades, FilteredCellsAreFlatAndOutlined) {
  HeatmapSpec spec = grid(6, 32);
  spec.filtered.assign(spec.values.size(), 0);
  spec.filtered[3] = 1;
  HeatmapScene scene(prepareHeatmap(spec));
  const QImage image = painted(scene, {806, 450});
  const QRectF cell = scene.itemRect(3);
  EXPECT_EQ(image.pixel(cell.center().toPoint()), Theme::instance().color(Ink::FilteredOut).rgb());
  EXPECT_EQ(image.pixel(static_cast<int>(cell.left()), static_cast<int>(cell.center().y())),
            Theme::instance().color(Ink::FilteredLine).rgb());
  EXPECT_TRUE(scene.spoken(3).contains("filtered out"));
}

TEST(HeatmapScene, NegativeCellsCanBeMarked) {
  HeatmapSpec spec = grid(2, 4);
  spec.values = {-1, 1, -1, 1, 0, 0, 0, 0};
  spec.domain = domainFor(spec.values, DomainRule::Difference);
  HeatmapScene scene(prepareHeatmap(spec));
  const auto coloursOf = [&](int item) {
    const QImage image = painted(scene, {400, 200});
    std::set<QRgb> colours;
    const QRect cell = scene.itemRect(item).toAlignedRect().adjusted(1, 1, -1, -1);
    for (int y = cell.top(); y <= cell.bottom(); ++y)
      for (int x = cell.left(); x <= cell.right(); ++x)
        colours.insert(image.pixel(x, y));
    return colours.size();
  };
  EXPECT_EQ(coloursOf(0), 1u);
  Theme::instance().setMarksNegativeCells(true);
  EXPECT_EQ(coloursOf(0), 2u);
  EXPECT_EQ(coloursOf(1), 1u);
  Theme::instance().setMarksNegativeCells(false);
}

TEST(HeatmapScene, WideGridsShareColumnsAndSaySo) {
  HeatmapSpec spec = grid(60, 512);
  spec.rowTitle = "layer";
  spec.values[5 * 512 + 100] = 4; // the largest of its bin
  HeatmapScene scene(prepareHeatmap(spec));
  scene.layout({760, 500}, 1);
  EXPECT_TRUE(scene.detailNote().startsWith("1 column = 3 experts"))
      << scene.detailNote().toStdString();
  EXPECT_TRUE(scene.detailNote().endsWith("maximum"));
  EXPECT_GE(scene.itemRect(0).width(), 3);
  EXPECT_EQ(scene.itemAt(scene.itemRect(5 * 512 + 100).center()), 5 * 512 + 100);
  scene.setBinning(Binning::Mean);
  scene.layout({760, 500}, 1);
  EXPECT_TRUE(scene.detailNote().endsWith("mean"));
  scene.layout({1918, 1100}, 1);
  EXPECT_EQ(scene.detailNote(), QString());
  // Zooming in brings single experts back.
  scene.layout({760, 500}, 1);
  ASSERT_TRUE(scene.zoom(4, scene.plot().center()));
  scene.layout({760, 500}, 1);
  EXPECT_FALSE(scene.detailNote().contains("column"));
  EXPECT_TRUE(scene.fit());
  EXPECT_FALSE(scene.isZoomed());
}

TEST(HeatmapScene, OrderMovesCellsNotItems) {
  HeatmapSpec spec = grid(2, 4);
  spec.order = {3, 2, 1, 0, 0, 1, 2, 3};
  HeatmapScene scene(prepareHeatmap(spec));
  scene.layout({400, 200}, 1);
  EXPECT_LT(scene.itemRect(3).left(), scene.itemRect(0).left());
  EXPECT_LT(scene.itemRect(4).left(), scene.itemRect(7).left());
  EXPECT_EQ(scene.neighbour(3, 1, 0), 2);
  EXPECT_EQ(scene.neighbour(0, 1, 0), 0); // at the right edge of its row
  EXPECT_EQ(scene.neighbour(3, 0, 1), 4);
  EXPECT_EQ(scene.tableItem(0, 0), 3);
  spec.order = {3, 3, 1, 0}; // no order: dropped
  EXPECT_TRUE(prepareHeatmap(spec)->spec.order.empty());
}

TEST(HeatmapScene, SaysWhatACellIs) {
  HeatmapSpec spec = grid(6, 32);
  spec.name = [](int item) { return QString("L%1 E%2").arg(item / 32).arg(item % 32); };
  spec.values[5 * 32 + 19] = 0.24;
  spec.intervals.assign(spec.values.size(), {kNone, kNone});
  spec.intervals[5 * 32 + 19] = {0.17, 0.32};
  spec.counts.assign(spec.values.size(), 0);
  spec.counts[5 * 32 + 19] = 1376;
  spec.total = 45025;
  spec.origin = "domains, final";
  HeatmapScene scene(prepareHeatmap(spec));
  const QStringList lines = scene.describe(5 * 32 + 19);
  EXPECT_LE(lines.size(), 6);
  EXPECT_TRUE(lines.at(0).startsWith("L5 E19 · load 0.24")) << lines.at(0).toStdString();
  EXPECT_EQ(lines.at(1), QString("1\u2009376 of 45\u2009025 tokens"));
  EXPECT_EQ(lines.at(2), QString("32nd of 32 in L5"));
  EXPECT_EQ(lines.last(), QString("domains, final"));
  EXPECT_EQ(scene.spoken(5 * 32 + 19), QString("L5 E19, load 0.24×, interval 0.17× to 0.32×"));
  EXPECT_TRUE(scene.headline().startsWith("Load by expert, 6 rows by 32 columns, largest L"));
}

TEST(HeatmapScene, BadShapesAreDrawnAsFarAsTheyGo) {
  HeatmapSpec spec = grid(2, 3);
  spec.values.resize(2);
  spec.intervals.resize(1);
  spec.trees.resize(5);
  HeatmapScene scene(prepareHeatmap(spec));
  const QImage image = painted(scene, {300, 200});
  EXPECT_FALSE(image.isNull());
  EXPECT_TRUE(scene.data().hasNoData);
  HeatmapScene empty(prepareHeatmap({}));
  EXPECT_FALSE(painted(empty, {300, 200}).isNull());
  EXPECT_EQ(empty.itemAt({10, 10}), -1);
  EXPECT_EQ(empty.neighbour(0, 1, 0), -1);
}

TEST(HeatmapScene, MatrixCellsAreSquareAndTheTreeGivesLeaves) {
  HeatmapSpec spec = grid(4, 4);
  spec.matrix = true;
  spec.trees = {{{0, 1, 0.2}, {2, 3, 0.4}, {4, 5, 1.0}}};
  HeatmapScene scene(prepareHeatmap(spec));
  scene.layout({500, 300}, 1);
  const QRectF cell = scene.itemRect(0);
  EXPECT_NEAR(cell.width(), cell.height(), 1);
  // The merge of leaves 2 and 3: at place 3, height 0.4 of the tree left of the cells.
  const double y = scene.plot().top() + 3.0 / 4 * scene.plot().height();
  std::vector<int> leaves;
  for (double x = scene.plot().left() - 1; x > 0 && leaves.size() != 2; --x)
    leaves = scene.leavesAt({x, y});
  EXPECT_EQ(leaves, (std::vector<int>{2 * 4 + 2, 3 * 4 + 3}));
}

TEST(ChartScene, LinesPointsAndTextsAgree) {
  ChartSpec spec;
  spec.title = "Hit rate";
  spec.look = ChartLook::Line;
  spec.xTitle = "capacity (experts)";
  spec.yFormat = ValueFormat::Percent;
  spec.series = {{"lru", {4, 8, 16}, {0.4, 0.6, 0.8}, {}, {}, false},
                 {"belady", {4, 8, 16}, {0.5, kNone, 0.9}, {}, {}, true}};
  spec.reference = 0.125;
  spec.referenceLabel = "chance";
  ChartScene scene(spec);
  const QImage image = painted(scene, {600, 300});
  EXPECT_EQ(scene.items(), 6);
  for (const int item : {0, 2, 5}) {
    const QPointF centre = scene.itemRect(item).center();
    EXPECT_EQ(scene.itemAt(centre), item);
    EXPECT_EQ(image.pixelColor(centre.toPoint()).rgb(), scene.seriesColor(item / 3).rgb()) << item;
  }
  EXPECT_LT(scene.itemRect(2).top(), scene.itemRect(0).top());
  EXPECT_TRUE(scene.itemRect(4).isEmpty());
  EXPECT_EQ(scene.describe(0).first(), QString("lru, capacity (experts) 4 · 40 %"));
  EXPECT_EQ(scene.spoken(4), QString("belady, capacity (experts) 8, no data"));
  EXPECT_TRUE(scene.headline().contains("largest belady"));
  EXPECT_EQ(scene.neighbour(0, 1, 0), 1);
  EXPECT_EQ(scene.neighbour(1, 0, 1), 4);
  EXPECT_TRUE(scene.zoom(2, {300, 150}));
  EXPECT_TRUE(scene.fit());
}

TEST(ChartScene, BarsStandOnZeroAndEmptyChartsAreFine) {
  ChartSpec spec;
  spec.look = ChartLook::Bar;
  spec.categories = {"a", "b"};
  spec.series = {{"", {0, 1}, {2, -1}, {}, {}, false}};
  ChartScene scene(spec);
  painted(scene, {300, 200});
  EXPECT_NEAR(scene.itemRect(0).bottom(), scene.itemRect(1).top(), 1);
  EXPECT_NEAR(scene.itemRect(0).height(), 2 * scene.itemRect(1).height(), 2);
  for (const ChartLook look :
       {ChartLook::Bar, ChartLook::Line, ChartLook::Scatter, ChartLook::Dots}) {
    ChartSpec none;
    none.look = look;
    ChartScene nothing(none);
    EXPECT_FALSE(painted(nothing, {300, 200}).isNull());
    EXPECT_EQ(nothing.neighbour(-1, 1, 0), -1);
    EXPECT_FALSE(nothing.headline().isEmpty());
  }
}

TEST(FlowScene, BandsLeadFromNodeToNodeAndSmallOnesAreFolded) {
  FlowSpec spec;
  spec.title = "First choices";
  spec.flow.unit = "tokens";
  spec.flow.nodes = {{"E0", 0}, {"E1", 0}, {"E0", 1}, {"E1", 1}};
  spec.flow.links = {{0, 2, 700}, {1, 3, 299}, {0, 3, 1}, {7, 3, 5}, {1, 2, -3}};
  FlowScene scene(spec);
  const QImage image = painted(scene, {400, 300});
  EXPECT_EQ(scene.detailNote(), QString("bands ≥ 0.4 %, 1 smaller ones folded"));
  EXPECT_TRUE(scene.itemShape(2).isEmpty());
  EXPECT_TRUE(scene.itemShape(3).isEmpty());
  const QRectF large = scene.itemRect(0), small = scene.itemRect(1);
  EXPECT_GT(large.height(), small.height());
  EXPECT_EQ(scene.itemAt({large.left() + 2, large.top() + 3}), 0);
  EXPECT_EQ(scene.describe(0).first(), QString("E0 to E0 · 700 tokens"));
  EXPECT_NE(image.pixel(static_cast<int>(large.left()) + 2, static_cast<int>(large.top()) + 3),
            Theme::instance().color(Ink::Canvas).rgb());
  FlowScene nothing({});
  EXPECT_FALSE(painted(nothing, {300, 200}).isNull());
}

} // namespace
} // namespace switchyard::studio
