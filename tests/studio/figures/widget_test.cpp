// A figure on screen: selection, keys, menu, marks, accessibility.

#include <algorithm>

#include <gtest/gtest.h>

#include <QAccessible>
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "app/studio/figures/figure_widget.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/figures/legend.h"
#include "app/studio/figures/scale_editor.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {
namespace {

std::unique_ptr<HeatmapScene> load() {
  HeatmapSpec spec;
  spec.title = "Load by expert";
  spec.measure = "load";
  spec.rowLabels = {"L0", "L1"};
  for (int c = 0; c < 8; ++c)
    spec.columnLabels << QString::number(c);
  for (int i = 0; i < 16; ++i)
    spec.values.push_back(0.25 * (i + 1));
  spec.format = ValueFormat::Times;
  spec.domain = domainFor(spec.values, DomainRule::Load);
  spec.name = [](int item) { return QString("L%1 E%2").arg(item / 8).arg(item % 8); };
  return std::make_unique<HeatmapScene>(prepareHeatmap(spec));
}

struct Shown {
  FigureWidget figure;
  Shown() {
    figure.resize(500, 200);
    figure.setScene(load());
    figure.show();
  }
  QPoint middle(int item) { return figure.scene()->itemRect(item).center().toPoint(); }
};

TEST(FigureWidget, ClicksAndRectanglesTellItems) {
  Shown shown;
  QSignalSpy clicked(&shown.figure, &FigureWidget::itemClicked);
  QTest::mouseClick(&shown.figure, Qt::LeftButton, Qt::ControlModifier, shown.middle(9));
  ASSERT_EQ(clicked.size(), 1);
  EXPECT_EQ(clicked.at(0).at(0).toInt(), 9);
  EXPECT_EQ(clicked.at(0).at(1).value<Qt::KeyboardModifiers>(), Qt::ControlModifier);
  std::vector<int> chosen;
  QObject::connect(&shown.figure, &FigureWidget::itemsChosen,
                   [&](const std::vector<int>& items, bool) { chosen = items; });
  QTest::mousePress(&shown.figure, Qt::LeftButton, {}, shown.middle(1));
  QTest::mouseMove(&shown.figure, shown.middle(5));
  QTest::mouseMove(&shown.figure, shown.middle(10));
  QTest::mouseRelease(&shown.figure, Qt::LeftButton, {}, shown.middle(10));
  EXPECT_EQ(chosen, (std::vector<int>{1, 2, 9, 10}));
  // Shift+click: the range from the last click.
  QTest::mouseClick(&shown.figure, Qt::LeftButton, {}, shown.middle(3));
  QTest::mouseClick(&shown.figure, Qt::LeftButton, Qt::ShiftModifier, shown.middle(5));
  EXPECT_EQ(chosen, (std::vector<int>{3, 4, 5}));
}

TEST(FigureWidget, MarksDifferInShapeAndColour) {
  Shown shown;
  const Theme& theme = Theme::instance();
  const auto grabbed = [&] { return shown.figure.grab().toImage(); };
  const QRectF cell = shown.figure.scene()->itemRect(4);
  const QPoint edge(static_cast<int>(cell.center().x()), static_cast<int>(cell.top()) - 1);
  EXPECT_NE(grabbed().pixel(edge), theme.color(Ink::Selection).rgb());
  shown.figure.setMarks({.primary = 4, .set = {4}, .pin = 12});
  const QImage marked = grabbed();
  EXPECT_EQ(marked.pixel(edge), theme.color(Ink::Selection).rgb());
  // The pin is dashed: along its upper edge some pixels are amber, some are not.
  const QRectF pinned = shown.figure.scene()->itemRect(12);
  int amber = 0, other = 0;
  for (int x = static_cast<int>(pinned.left()) + 3; x < static_cast<int>(pinned.right()) - 3; ++x)
    (marked.pixel(x, static_cast<int>(pinned.top()) - 1) == theme.color(Ink::Pin).rgb() ? amber
                                                                                        : other)++;
  EXPECT_GT(amber, 4);
  EXPECT_GT(other, 4);
}

TEST(FigureWidget, CellsSlideToTheirNewPlacesUnlessMotionIsReduced) {
  Shown shown;
  auto* scene = dynamic_cast<HeatmapScene*>(shown.figure.scene());
  ASSERT_TRUE(QTest::qWaitForWindowExposed(&shown.figure));
  const QRectF before = scene->itemRect(0);
  HeatmapSpec spec = scene->data().spec;
  spec.order = {7, 6, 5, 4, 3, 2, 1, 0};
  scene->setData(prepareHeatmap(spec));
  EXPECT_TRUE(scene->canSlide());
  shown.figure.slideScene();
  EXPECT_TRUE(shown.figure.isSliding());
  const QRectF after = scene->itemRect(0); // at rest, at once
  EXPECT_GT(after.left(), before.left());
  // Half way the cell is between its two places.
  scene->setSlide(0.5);
  QImage image(shown.figure.size(), QImage::Format_RGB32);
  image.fill(Theme::instance().color(Ink::Canvas));
  {
    QPainter painter(&image);
    scene->paint(painter, PaintTarget::Screen);
  }
  const auto colour = [&](int item) {
    return Theme::instance().diverging().at(
        scene->domain().share(spec.values[static_cast<std::size_t>(item)]));
  };
  EXPECT_EQ(image.pixel(QPoint(static_cast<int>((before.left() + after.left()) / 2) + 2,
                               static_cast<int>(after.top()) + 2)),
            colour(0));
  ASSERT_TRUE(QTest::qWaitFor([&] { return !shown.figure.isSliding(); }, 2000));
  EXPECT_EQ(shown.figure.grab().toImage().pixel(after.center().toPoint() - QPoint(6, 6)),
            colour(0));
  // The same order, other values: nothing moves.
  for (double& value : spec.values)
    value += 0.1;
  scene->setData(prepareHeatmap(spec));
  EXPECT_FALSE(scene->canSlide());
  Theme::instance().setReducedMotion(true);
  spec.order.clear();
  scene->setData(prepareHeatmap(spec));
  shown.figure.slideScene();
  EXPECT_FALSE(shown.figure.isSliding());
  Theme::instance().setReducedMotion(false);
}

TEST(FigureWidget, KeysMoveThePrimaryCell) {
  Shown shown;
  QSignalSpy clicked(&shown.figure, &FigureWidget::itemClicked);
  shown.figure.moveCurrent(1, 0, false);
  EXPECT_EQ(clicked.takeLast().at(0).toInt(), 0);
  shown.figure.setMarks({.primary = 3, .set = {3}});
  shown.figure.moveCurrent(0, 1, true);
  const QList<QVariant> last = clicked.takeLast();
  EXPECT_EQ(last.at(0).toInt(), 11);
  EXPECT_EQ(last.at(1).value<Qt::KeyboardModifiers>(), Qt::ShiftModifier);
}

TEST(FigureWidget, IsATableForAssistiveTechnology) {
  Shown shown;
  shown.figure.setMarks({.primary = 9, .set = {9}});
  QAccessibleInterface* figure = QAccessible::queryAccessibleInterface(&shown.figure);
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->role(), QAccessible::Table);
  EXPECT_EQ(figure->text(QAccessible::Name), QString("Load by expert"));
  EXPECT_EQ(figure->text(QAccessible::Description),
            QString("Load by expert, 2 rows by 8 columns, largest L1 E7: 4×"));
  QAccessibleTableInterface* table = figure->tableInterface();
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rowCount(), 2);
  EXPECT_EQ(table->columnCount(), 8);
  EXPECT_EQ(table->rowDescription(1), QString("L1"));
  QAccessibleInterface* cell = table->cellAt(1, 1);
  ASSERT_TRUE(cell);
  EXPECT_EQ(cell->text(QAccessible::Name), QString("L1 E1, load 2.5×, selected"));
  EXPECT_TRUE(cell->state().selected);
  EXPECT_EQ(cell->parent(), figure);
  EXPECT_EQ(table->selectedCells().size(), 1);
  EXPECT_EQ(figure->childCount(), 16);
  EXPECT_EQ(figure->indexOfChild(cell), 9);
  EXPECT_FALSE(table->cellAt(2, 0));
  EXPECT_TRUE(figure->childAt(shown.figure.mapToGlobal(shown.middle(9)).x(),
                              shown.figure.mapToGlobal(shown.middle(9)).y()) == cell);
}

TEST(FigureWidget, FocusHasARing) {
  Shown shown;
  shown.figure.activateWindow();
  shown.figure.setFocus();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&shown.figure));
  EXPECT_EQ(shown.figure.grab().toImage().pixel(0, 100), Theme::instance().color(Ink::Focus).rgb());
}

TEST(Legend, SpeaksItsScaleAndCanBeEdited) {
  Legend legend;
  ColorDomain domain = domainFor(std::vector<double>{0.1, 1, 2, 1, 1, 1, 1, 1}, DomainRule::Load);
  legend.setScale("share of fair share", domain, ValueFormat::Times, "no data");
  EXPECT_EQ(legend.accessibleName(), QString("Colour scale: share of fair share, log, ¼× to 4×"));
  legend.resize(legend.sizeHint());
  EXPECT_FALSE(legend.grab().isNull());
  QTest::keyClick(&legend, Qt::Key_Return);
  EXPECT_TRUE(legend.findChild<QWidget*>("legendEditor"));
}

TEST(ScaleEditor, TellsEndsThatDifferAndAreInOrder) {
  QWidget legend;
  auto* editor = new ScaleEditor(legend);
  std::vector<ColorDomain> told;
  int resets = 0;
  ColorDomain domain;
  domain.low = -1;
  domain.high = 1.0 / 3; // not what the field shows
  domain.centre = 0;
  editor->add(
      "Lift", domain, ValueFormat::Plain, [&](const ColorDomain& d) { told.push_back(d); },
      [&] { ++resets; });
  ColorDomain share;
  share.high = 0.6;
  editor->add(
      "Share", share, ValueFormat::Percent, [&](const ColorDomain& d) { told.push_back(d); },
      [&] { ++resets; });
  editor->open();
  const auto boxes = editor->findChildren<QDoubleSpinBox*>();
  ASSERT_EQ(boxes.size(), 4);
  EXPECT_TRUE(boxes[0]->hasFocus() || !QGuiApplication::focusWindow());
  for (QDoubleSpinBox* box : boxes)
    QTest::keyClick(box, Qt::Key_Return);
  EXPECT_TRUE(told.empty()) << "a field that shows fewer digits is no change";
  const auto enter = [&](qsizetype box, double value) {
    boxes[box]->setValue(value);
    QTest::keyClick(boxes[box], Qt::Key_Return);
  };
  enter(1, -0.5); // below the centre
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(std::ranges::any_of(editor->findChildren<QLabel*>(), [](const QLabel* label) {
    return label->isVisible() && label->text() == "The centre has to lie between the ends.";
  }));
  enter(1, 2);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].high, 2);
  EXPECT_EQ(told[0].low, -1);
  enter(3, 45);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_DOUBLE_EQ(told[1].high, 0.45);
  editor->findChildren<QCheckBox*>()[1]->setChecked(true);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_TRUE(told[2].inverted);
  EXPECT_DOUBLE_EQ(told[2].high, 0.45);
  EXPECT_EQ(resets, 0);
  editor->findChildren<QPushButton*>()[1]->click();
  EXPECT_EQ(resets, 1);
  EXPECT_EQ(told.size(), 3u);
}

} // namespace
} // namespace switchyard::studio
