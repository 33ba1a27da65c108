// Scales of the live view's pictures, changed at their legends.

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QPushButton>

#include "app/studio/figures/legend.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/yard_legend.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/live/yard_widget.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/live_run.h"

namespace switchyard::studio {
namespace {

TEST_F(LiveRun, AClickOnTheLegendChangesTheScaleOfRasterAndStrip) {
  settings(8);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  auto* legend = view->findChild<Legend*>();
  ASSERT_TRUE(legend);
  const std::int64_t at = player.track()->end() - 2;
  const double value = static_cast<double>(player.track()->topGate(at, 3));
  const auto cellColor = [&] {
    return view->raster()
        .grab()
        .toImage()
        .pixelColor(view->raster().cellRect(at, 3).center().toPoint())
        .name();
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
  EXPECT_EQ(legend->accessibleName(),
            QString("Legend of the yard: gate weight 0 to ≥ 0.6, bed 0 to ≥ 60 %"));
  EXPECT_TRUE(legend->focusPolicy() & Qt::TabFocus);
  YardWidget& yard = view->yard();
  QUndoStack& undo = workbench.document().undoStack();
  const Track& track = *player.track();
  const int first = track.firstChoice(player.shown(), 3);
  const double gate = static_cast<double>(track.topGate(player.shown(), 3));
  ASSERT_LT(gate, 0.6);
  const auto stationColor = [&] {
    const QRectF cell = yard.where().cell(3, first);
    return yard.grab()
        .toImage()
        .pixelColor(qRound(cell.left()) + 2, qRound(cell.center().y()))
        .name();
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
  EXPECT_EQ(stationColor(), yard::stationColor(gate / 2, {}).name())
      << "half as strong where the scale is twice as long";
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

} // namespace
} // namespace switchyard::studio
