// Scales that are changed at the legend of a figure.

#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/experts_view.h"
#include "tests/studio/views/open_view.h"

namespace switchyard::studio {
namespace {

const ColorDomain& scaleOf(const FigurePanel* panel) {
  return dynamic_cast<HeatmapScene*>(panel->figure()->scene())->domain();
}

TEST(FigureScale, IsChangedUndoneAndKeptForNewNumbers) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  QUndoStack& undo = open.workbench.document().undoStack();
  const int before = undo.count();
  const ColorDomain designed = scaleOf(panel);
  ColorDomain edited = designed;
  edited.high = 2;
  edited.inverted = true;
  Q_EMIT panel->legend()->domainEdited(edited);
  EXPECT_EQ(scaleOf(panel).high, 2);
  EXPECT_TRUE(scaleOf(panel).inverted);
  EXPECT_TRUE(scaleOf(panel).clampsHigh); // the load's own scale ends at 4
  ASSERT_EQ(undo.count(), before + 1);
  EXPECT_EQ(undo.undoText(), "Change the scale of Load by expert");
  undo.undo();
  EXPECT_EQ(scaleOf(panel), designed);
  undo.redo();
  EXPECT_EQ(scaleOf(panel).high, 2);

  const auto numbersOf = [&](std::optional<std::pair<qint64, qint64>> range) {
    open.workbench.selection().setFilter({.range = range, .routedTo = {}});
    return open.idle();
  };
  ASSERT_TRUE(numbersOf(std::pair<qint64, qint64>(1000, 40000)));
  EXPECT_EQ(scaleOf(panel).high, 2);
  ASSERT_TRUE(numbersOf(std::pair<qint64, qint64>(0, 600)));
  EXPECT_EQ(heatmap(panel).spec.domain.scale, ScaleKind::Linear); // so few are so uneven
  EXPECT_EQ(scaleOf(panel), heatmap(panel).spec.domain);
  ASSERT_TRUE(numbersOf({}));
  EXPECT_EQ(scaleOf(panel).high, 2);
  Q_EMIT panel->legend()->domainReset();
  EXPECT_EQ(scaleOf(panel), designed);
  EXPECT_EQ(undo.count(), before + 2);
  Q_EMIT panel->legend()->domainReset(); // nothing to do
  EXPECT_EQ(undo.count(), before + 2);
}

TEST(FigureScale, ComesBackWithTheSession) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  const ColorDomain designed = scaleOf(panel);
  const QString plain = open.view.saveState();
  ColorDomain edited = designed;
  edited.low = 0.5;
  Q_EMIT panel->legend()->domainEdited(edited);
  const QString state = open.view.saveState();
  open.view.restoreState(plain);
  ASSERT_TRUE(open.idle());
  EXPECT_EQ(scaleOf(panel), designed);
  open.view.restoreState(state);
  ASSERT_TRUE(open.idle());
  EXPECT_EQ(scaleOf(panel).low, 0.5);
  // Ends that make no scale, and nonsense, leave the designed one.
  open.view.restoreState(QString(state).replace("[0.5,", "[-3,"));
  ASSERT_TRUE(open.idle());
  EXPECT_EQ(scaleOf(panel), designed);
  open.view.restoreState(R"({"scales":[{"x":[1]},7],"metric":3})");
  ASSERT_TRUE(open.idle());
  EXPECT_EQ(scaleOf(panel), designed);
}

TEST(FigureScale, IsThatOfAMeasureInAllLayers) {
  Open<CoactivationView> open("coactivation");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  FigurePanel* panel = open.view.panels().front();
  ColorDomain edited = scaleOf(panel);
  edited.high = 3;
  Q_EMIT panel->legend()->domainEdited(edited);
  open.view.setLayer(2);
  EXPECT_EQ(scaleOf(panel).high, 3);
}

} // namespace
} // namespace switchyard::studio
