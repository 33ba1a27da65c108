// The Experts view over a trace of the demo model: numbers against the results, linking, export.

#include <algorithm>
#include <set>

#include <QFile>

#include "app/studio/inspector/inspection.h"
#include "app/studio/shell/export_view.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/experts_view.h"
#include "tests/studio/thread_time.h"
#include "tests/studio/views/open_view.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

TEST(Experts, WithoutATraceSaysWhatIsNeeded) {
  Workbench workbench(tests::builtPlugins());
  ExpertsView view(workbench, "experts", "Experts");
  view.resize(806, 560);
  view.show();
  EXPECT_TRUE(view.stateText().startsWith(
      "No routing recorded yet. This view needs the routing of some text"));
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
  open.workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(10, 110), .routedTo = {}});
  ASSERT_TRUE(
      waitFor([&] { return open.view.analysis()->results.front().provenance.tokens == 100; }));
  const auto counts = [&] {
    std::int64_t sum = 0;
    for (int expert = 0; expert < 32; ++expert)
      sum += heatmap(open.view.panels().front()).spec.counts[static_cast<std::size_t>(expert)];
    return sum;
  };
  EXPECT_EQ(counts(), 400); // top-4
  open.workbench.selection().setFilter({.range = {}, .routedTo = ExpertKey{5, 19}});
  const auto uses = [&] { return heatmap(open.view.panels().front()).spec.counts[5 * 32 + 19]; };
  ASSERT_TRUE(waitFor([&] {
    return open.view.analysis()->results.front().provenance.tokens == uses() && counts() != 400;
  }));
  open.workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(all + 5, all + 9), .routedTo = {}});
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
  open.workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(1000, 3000), .routedTo = {}});
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
  ASSERT_TRUE(waitFor(
      [&] { return open.workbench.jobs().active() == 0 && table->model().order() != nullptr; }));
  const auto value = [&](int row) {
    return table->model().index(row, 2).data(Qt::UserRole).toDouble();
  };
  EXPECT_GE(value(0), value(1));
  EXPECT_GE(value(100), value(191));
  EXPECT_EQ(open.view.csv().count('\n'), 193);
  EXPECT_TRUE(open.view.csv().startsWith("row,expert,load"))
      << open.view.csv().left(40).toStdString();
}

TEST(Experts, ExportsWhatIsShown) {
  Open<ExpertsView> open("experts");
  ASSERT_TRUE(open.ok) << open.view.stateText().toStdString();
  const tests::TempFolder folder;
  const auto written = [&](const char* name) {
    const QString path = QString::fromStdString((folder / name).string());
    exportView(open.workbench, open.view, path);
    EXPECT_TRUE(waitFor([&] { return open.workbench.jobs().active() == 0 && QFile::exists(path); }))
        << name;
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
  EXPECT_EQ(cell->rows.front(),
            std::pair(QString("load, 95 % interval"),
                      valueText(data.spec.values[5 * 32 + 19], data.spec.intervals[5 * 32 + 19],
                                ValueFormat::Times)));
  EXPECT_EQ(cell->rows[1].first, QString("Tokens"));
  EXPECT_TRUE(cell->formula.startsWith("load = "));
  EXPECT_EQ(cell->command, open.view.commandLine());
}

} // namespace
} // namespace switchyard::studio
