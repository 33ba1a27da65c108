// The yard: where things are, and what is painted there.

#include <gtest/gtest.h>

#include "app/studio/live/strand_raster.h"
#include "app/studio/live/yard_painter.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/made_up_track.h"

namespace switchyard::studio {
namespace {

YardInput input(double width, double height, int layers, int experts) {
  return {.size = QSizeF(width, height), .layers = layers, .experts = experts};
}

TEST(YardLayout, DetailFollowsTheRowPitch) {
  const YardLayout demo(input(806, 300, 6, 32));
  EXPECT_EQ(demo.detail(), StrandDetail::AllRanks);
  EXPECT_GE(demo.pitch(), 24);
  EXPECT_TRUE(demo.hasChips());
  EXPECT_TRUE(demo.lens().isEmpty());
  EXPECT_EQ(demo.expertsPerColumn(), 1);
  EXPECT_TRUE(YardLayout(input(806, 213, 6, 32)).hasChips()) << "the demo in the smallest window";
  const YardLayout deep(input(806, 400, 24, 32));
  EXPECT_EQ(deep.detail(), StrandDetail::FirstCurves);
  EXPECT_GE(deep.pitch(), 12);
  EXPECT_LT(deep.pitch(), 24);
  EXPECT_EQ(deep.history(), 8);
  EXPECT_EQ(deep.lens().height(), 66);
  const YardLayout deeper(input(806, 400, 48, 128));
  EXPECT_EQ(deeper.detail(), StrandDetail::FirstLines);
}

TEST(YardLayout, BinsColumnsUnderThreePixels) {
  const YardLayout narrow(input(806, 400, 60, 512)); // 700 px of plot
  EXPECT_EQ(narrow.plot().width(), 700);
  EXPECT_EQ(narrow.expertsPerColumn(), 3);
  EXPECT_EQ(narrow.columns(), 171);
  EXPECT_NEAR(narrow.columnWidth(), 4, 0.2);
  const YardLayout wide(input(1918, 900, 60, 512));
  EXPECT_EQ(wide.expertsPerColumn(), 1);
  EXPECT_EQ(wide.columns(), 512);
  EXPECT_GE(wide.columnWidth(), 3);
  // Strand ends keep their own places inside a shared column.
  EXPECT_LT(*narrow.expertX(0, 0), *narrow.expertX(0, 1));
  EXPECT_EQ(narrow.cell(0, 0), narrow.cell(0, 2));
  EXPECT_NE(narrow.cell(0, 0), narrow.cell(0, 3));
}

TEST(YardLayout, EveryCellIsFoundAgain) {
  for (const auto& in :
       {input(806, 300, 6, 32), input(806, 400, 24, 32), input(806, 400, 60, 512)}) {
    const YardLayout layout(in);
    for (int layer = 0; layer < in.layers; ++layer)
      for (int expert = 0; expert < in.experts; expert += 7) {
        const QRectF cell = layout.cell(layer, expert);
        ASSERT_GE(cell.width(), 3);
        ASSERT_EQ(layout.layerAt(cell.center().y()), layer);
        const int found = layout.expertAt(layer, cell.center().x());
        ASSERT_EQ(found / layout.expertsPerColumn(), expert / layout.expertsPerColumn());
      }
  }
}

TEST(YardLayout, UsedOnlyKeepsTheExpertsThatAreGiven) {
  YardInput in = input(806, 300, 2, 512);
  in.used = {{3, 77, 500}, {}};
  const YardLayout layout(in);
  EXPECT_TRUE(layout.cell(0, 4).isEmpty());
  EXPECT_GE(layout.cell(0, 77).width(), 22);
  EXPECT_EQ(layout.expertAt(0, layout.cell(0, 77).center().x()), 77);
  EXPECT_EQ(layout.expertAt(1, 300), -1);
}

class YardPixels : public testing::TestWithParam<ThemeChoice> {
protected:
  void SetUp() override { Theme::instance().setChoice(GetParam()); }
  void TearDown() override { Theme::instance().setChoice(ThemeChoice::System); }

  static QImage painted(const YardLayout& layout, const YardScene& scene, QSize size) {
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    image.fill(Theme::instance().color(Ink::Canvas));
    QPainter painter(&image);
    YardPainter yard;
    yard.paint(painter, layout, scene, size, 1.0);
    return image;
  }
  static QColor at(const QImage& image, const QRectF& cell) {
    // Near the left end: the number stands in the middle, outlines at the edge.
    return image.pixelColor(qRound(cell.left()) + 2, qRound(cell.center().y()));
  }
};

TEST_P(YardPixels, StationsHaveTheirGatesColour) {
  const TrackShape shape = tests::shapeOf(6, 32, 4);
  const Track track = tests::madeUpTrack(shape, 40);
  const YardLayout layout(input(806, 300, 6, 32));
  YardScene scene;
  scene.track = &track;
  scene.position = 39;
  const QImage image = painted(layout, scene, {806, 300});
  for (std::size_t layer = 0; layer < 6; ++layer)
    for (std::size_t rank = 0; rank < 4; ++rank) {
      const QRectF cell = layout.cell(static_cast<int>(layer), track.ids(39, layer)[rank]);
      EXPECT_EQ(at(image, cell).name(),
                yard::stationColor(static_cast<double>(track.weights(39, layer)[rank]), {}).name());
    }
}

TEST_P(YardPixels, TheBedShowsTheShareOfTheLastTokens) {
  const TrackShape shape = tests::shapeOf(2, 8, 1);
  Track track(shape);
  for (std::int64_t p = 0; p < 40; ++p) { // of the last 32, 8 used expert 1, the others expert 2
    TokenRouting routing(shape);
    routing.position = p;
    routing.ids = {static_cast<std::uint16_t>(p % 4 == 0 ? 1 : 2), 5};
    routing.weights = {1, 1};
    track.append(routing);
  }
  const YardLayout layout(input(806, 300, 2, 8));
  YardScene scene;
  scene.track = &track;
  scene.position = 39;
  scene.history = 0;
  const QImage image = painted(layout, scene, {806, 300});
  EXPECT_EQ(at(image, layout.cell(0, 1)).name(), yard::bedColor(8.0 / 32, {}).name());
  EXPECT_EQ(at(image, layout.cell(0, 7)).name(), yard::bedColor(0, {}).name());
  EXPECT_NE(yard::bedColor(0.6, {}).name(), yard::bedColor(0, {}).name());
  EXPECT_EQ(yard::bedColor(0.6, {}).name(), yard::bedColor(1, {}).name());
}

TEST_P(YardPixels, BannedCellsAreEmptiedAndCrossed) {
  const TrackShape shape = tests::shapeOf(2, 8, 1);
  const Track track = tests::madeUpTrack(shape, 4);
  const YardLayout layout(input(806, 300, 2, 8));
  YardScene scene;
  scene.track = &track;
  scene.position = 3;
  int unused = 0;
  while (track.uses(0, unused, 0, 4) > 0)
    ++unused;
  scene.marks = {{{0, unused}, RecipeMark::Ban}};
  const QImage image = painted(layout, scene, {806, 300});
  EXPECT_EQ(at(image, layout.cell(0, unused)).name(), Theme::instance().color(Ink::Canvas).name());
}

TEST_P(YardPixels, StrandsReachThreeToOneOnTheCanvas) {
  const QColor canvas = Theme::instance().color(Ink::Canvas);
  for (const double gate : {0.05, 0.1, 0.3, 0.6, 1.0}) {
    const QColor strand = yard::strandColor(gate, {});
    const QColor seen = yard::mixed(canvas, strand, static_cast<double>(strand.alphaF()));
    EXPECT_GE(contrast(seen, canvas), 3.0) << gate;
  }
}

TEST_P(YardPixels, ScalesStretchWhatTheColoursStandFor) {
  YardScales half; // all that the designed scales show, over half the values
  half.gate.high = half.bed.high = 0.3;
  YardScales from; // from 0.2 on
  from.gate.low = from.bed.low = 0.2;
  from.gate.high = from.bed.high = 0.8;
  YardScales back;
  back.gate.inverted = back.bed.inverted = true;
  for (const double value : {0.0, 0.05, 0.15, 0.3, 0.45, 0.6, 1.0}) {
    EXPECT_EQ(yard::stationColor(value / 2, half).name(), yard::stationColor(value, {}).name());
    EXPECT_EQ(yard::strandColor(value + 0.2, from).name(), yard::strandColor(value, {}).name());
    EXPECT_EQ(yard::bedColor(value / 2, half).name(), yard::bedColor(value, {}).name());
    EXPECT_EQ(yard::bedColor(0.6 - value, back).name(), yard::bedColor(value, {}).name());
    EXPECT_NEAR(yard::strandWidth(value, {}), 1 + 7 * std::min(value, 0.6), 1e-9)
        << "the design's width";
    EXPECT_NEAR(yard::strandWidth(value / 2, half), yard::strandWidth(value, {}), 1e-9);
  }
}

TEST_P(YardPixels, ATokenLooksTheSameWhateverWasShownBefore) {
  const Track track = tests::madeUpTrack(tests::shapeOf(12, 64, 4), 60);
  for (const QSize size : {QSize(806, 420), QSize(806, 240), QSize(500, 150)}) {
    const YardLayout layout(input(size.width(), size.height(), 12, 64));
    YardPainter used;
    for (const std::int64_t position : {40, 41, 43, 59, 20, 21, 3}) {
      YardScene scene;
      scene.track = &track;
      scene.position = position;
      QImage image(size, QImage::Format_ARGB32_Premultiplied);
      image.fill(Theme::instance().color(Ink::Canvas));
      QPainter painter(&image);
      used.paint(painter, layout, scene, size, 1.0);
      painter.end();
      EXPECT_EQ(image, painted(layout, scene, size)) << position << ", " << size.height();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Themes, YardPixels,
                         testing::Values(ThemeChoice::Dark, ThemeChoice::Light));

/// Share of the canvas that a black strand covers, by QPainter's stroker and by ours.
std::pair<double, double> inkOf(QPointF from, QPointF to, double width, double& difference) {
  QImage ours(200, 100, QImage::Format_RGB32), theirs = ours;
  ours.fill(Qt::white);
  theirs.fill(Qt::white);
  StrandRaster(ours).draw(from, to, width, Qt::black, true);
  QPainterPath path(from);
  const double middle = (from.y() + to.y()) / 2;
  path.cubicTo(QPointF(from.x(), middle), QPointF(to.x(), middle), to);
  QPainter painter(&theirs);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(Qt::black, width, Qt::SolidLine, Qt::RoundCap));
  painter.drawPath(path);
  painter.end();
  double a = 0, b = 0;
  difference = 0;
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 200; ++x) {
      const double mine = 255 - qRed(ours.pixel(x, y)), reference = 255 - qRed(theirs.pixel(x, y));
      a += mine;
      b += reference;
      difference += std::abs(mine - reference);
    }
  difference /= std::max(1.0, b);
  return {a, b};
}

TEST(StrandRaster, CoversWhatAPainterPathCovers) {
  const struct {
    QPointF from, to;
    double width;
  } kCases[] = {{{100, 10}, {100, 90}, 1.25}, {{20, 20}, {180, 80}, 1.25},
                {{150, 10}, {40, 46}, 3},     {{20, 30}, {180, 55}, 5.2},
                {{10, 40}, {190, 52}, 2},     {{60.3, 12.7}, {70.9, 88.2}, 5}};
  for (const auto& one : kCases) {
    double difference = 0;
    const auto [ours, theirs] = inkOf(one.from, one.to, one.width, difference);
    EXPECT_NEAR(ours / theirs, 1, 0.06) << one.to.x() << " " << one.width;
    EXPECT_LT(difference, 0.2) << one.to.x() << " " << one.width;
  }
}

TEST(StrandRaster, LeavesOutWhatLiesBesideTheImage) {
  const QPoint corner(150, 60);
  for (const int width : {120, 128, 133}) {
    QImage whole(400, 200, QImage::Format_RGB32), part(width, 80, QImage::Format_RGB32);
    whole.fill(Qt::white);
    part.fill(Qt::white);
    StrandRaster large(whole), small(part);
    const struct {
      QPointF from, to;
      double width;
    } kCases[] = {{{10, 100}, {390, 112}, 5},  {{140, 40}, {290, 150}, 1.25},
                  {{300, 20}, {100, 190}, 3},  {{150.4, 50}, {149.6, 150}, 4},
                  {{20, 90}, {160, 95}, 1.25}, {{282, 61}, {265, 139}, 5}};
    for (const auto& one : kCases)
      for (const bool curved : {true, false}) {
        large.draw(one.from, one.to, one.width, QColor(20, 40, 60, 128), curved);
        small.draw(one.from - corner, one.to - corner, one.width, QColor(20, 40, 60, 128), curved);
      }
    for (int y = 0; y < part.height(); ++y)
      for (int x = 0; x < width; ++x)
        ASSERT_NEAR(qRed(part.pixel(x, y)), qRed(whole.pixel(x + corner.x(), y + corner.y())), 2)
            << x << " " << y;
  }
}

TEST(Yard, PointsOnAHistoryStrandAreFound) {
  const TrackShape shape = tests::shapeOf(6, 32, 4);
  const Track track = tests::madeUpTrack(shape, 10);
  const YardLayout layout(input(806, 300, 6, 32));
  const QPainterPath path = yard::firstChoices(layout, track, 8);
  for (double t = 0.02; t < 1; t += 0.05) {
    const QPointF point = path.pointAtPercent(t);
    const auto x = yard::firstChoiceX(layout, track, 8, point.y());
    ASSERT_TRUE(x) << t;
    EXPECT_NEAR(*x, point.x(), 0.5);
  }
  EXPECT_FALSE(yard::firstChoiceX(layout, track, 8, 5));
}

TEST(Yard, TheLensShowsTheLayersUsedExperts) {
  const TrackShape shape = tests::shapeOf(24, 32, 4);
  const Track track = tests::madeUpTrack(shape, 40);
  const YardLayout layout(input(806, 400, 24, 32));
  YardScene scene;
  scene.track = &track;
  scene.position = 39;
  scene.lensLayer = 12;
  const std::vector<int> used = yard::usedExperts(track, 12, 39, layout.history());
  const auto cells = yard::lensCells(layout, scene);
  ASSERT_EQ(cells.size(), used.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    EXPECT_EQ(cells[i].expert, used[i]);
    EXPECT_GE(cells[i].rect.width(), 21);
    EXPECT_GT(track.uses(12, used[i], 31, 40), 0);
  }
}

} // namespace
} // namespace switchyard::studio
