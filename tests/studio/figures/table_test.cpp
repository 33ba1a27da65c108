// Tables behind figures and of results: order, texts, CSV, the item model's contract, size.

#include <cmath>

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QTableView>

#include "app/studio/figures/result_table_model.h"
#include "tests/studio/thread_time.h"

namespace switchyard::studio {
namespace {

using trace::Cell;

trace::Table sample() {
  trace::Table table;
  table.name = "sample";
  table.columns = {{"expert", "", ""}, {"share", "share", "Of the tokens."}, {"label", "", ""}};
  table.rows = {{Cell(std::int64_t(3)), Cell(0.25), Cell(std::string("ru"))},
                {Cell(std::int64_t(10)), Cell(), Cell(std::string("de"))},
                {Cell(std::int64_t(9)), Cell(0.5), Cell()}};
  return table;
}

TEST(SortedRows, NumbersByValueUndefinedLast) {
  const auto source = tableSource(sample());
  using Order = std::vector<std::uint32_t>;
  EXPECT_EQ(sortedRows(*source, 0, true), (Order{0, 2, 1}));
  EXPECT_EQ(sortedRows(*source, 0, false), (Order{1, 2, 0}));
  EXPECT_EQ(sortedRows(*source, 1, true), (Order{0, 2, 1}));
  EXPECT_EQ(sortedRows(*source, 1, false), (Order{2, 0, 1}));
  EXPECT_EQ(sortedRows(*source, 2, true), (Order{1, 0, 2}));
  EXPECT_EQ(sortedRows(*source, 2, false), (Order{0, 1, 2}));
  EXPECT_EQ(sortedRows(*source, 9, true), (Order{0, 1, 2}));
}

TEST(ResultTableModel, HoldsWhatAModelMust) {
  ResultTableModel model;
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setSource(tableSource(sample()));
  EXPECT_EQ(model.rowCount(), 3);
  EXPECT_EQ(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("share"));
  EXPECT_EQ(model.headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString(),
            QString("Of the tokens."));
  EXPECT_EQ(model.index(0, 1).data().toString(), QString("25 %"));
  EXPECT_EQ(model.index(1, 1).data().toString(), QString("–"));
  EXPECT_EQ(model.index(0, 1).data(Qt::UserRole).toDouble(), 0.25);
  EXPECT_TRUE(model.index(0, 0).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
  EXPECT_TRUE(model.index(0, 2).data(Qt::TextAlignmentRole).toInt() & Qt::AlignLeft);
  int wanted = 0;
  QObject::connect(&model, &ResultTableModel::sortWanted,
                   [&](int column, Qt::SortOrder) { wanted = column; });
  model.sort(1, Qt::DescendingOrder);
  EXPECT_EQ(wanted, 1);
  const QPersistentModelIndex kept(model.index(0, 0));
  model.setOrder(
      std::make_shared<const std::vector<std::uint32_t>>(sortedRows(*model.source(), 1, false)));
  EXPECT_EQ(model.index(0, 0).data().toString(), QString("9"));
  EXPECT_EQ(kept.row(), 1);
  EXPECT_EQ(model.rowOf(0), 1);
  model.setOrder(std::make_shared<const std::vector<std::uint32_t>>(
      std::vector<std::uint32_t>{2})); // a filter
  EXPECT_EQ(model.rowCount(), 1);
  EXPECT_EQ(model.sourceRow(0), 2);
  EXPECT_EQ(model.rowOf(0), -1);
  model.setSource(nullptr);
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(TableSource, FiguresAreTablesWithARowForEachItem) {
  HeatmapSpec spec;
  spec.rowTitle = "layer";
  spec.columnTitle = "expert";
  spec.measure = "load";
  spec.rowLabels = {"L0", "L1"};
  spec.columnLabels = {"0", "1"};
  spec.values = {1, 2, NAN, 4};
  const auto heatmap = tableSource(prepareHeatmap(spec));
  EXPECT_EQ(toCsv(*heatmap), "layer,expert,load\nL0,0,1\nL0,1,2\nL1,0,\nL1,1,4\n");
  EXPECT_EQ(toCsv(*heatmap, {3, 0}), "layer,expert,load\nL1,1,4\nL0,0,1\n");

  ChartSpec chart;
  chart.look = ChartLook::Line;
  chart.xTitle = "capacity";
  chart.yTitle = "hit rate";
  chart.series = {{"lru", {4, 8}, {0.4, 0.6}, {}, {}, false}};
  EXPECT_EQ(toCsv(*tableSource(std::make_shared<const ChartSpec>(chart))),
            "series,capacity,hit rate\nlru,4,0.4\nlru,8,0.6\n");

  FlowSpec flow;
  flow.flow.unit = "tokens";
  flow.flow.nodes = {{"E0", 0}, {"E1", 1}};
  flow.flow.links = {{0, 1, 12}, {0, 9, 3}};
  EXPECT_EQ(toCsv(*tableSource(std::make_shared<const FlowSpec>(flow))),
            "from,to,amount\nE0,E1,12\nE0,,3\n");
}

TEST(TableSource, CsvOfManyPiecesHasOneHeader) {
  trace::Table table;
  table.columns = {{"n", "", ""}};
  for (std::int64_t i = 0; i < 20000; ++i)
    table.rows.push_back({Cell(i)});
  const std::string csv = toCsv(*tableSource(table));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 20001);
  EXPECT_TRUE(csv.ends_with("\n19999\n"));
}

/// Ten million rows that take no memory.
class HugeSource final : public TableSource {
public:
  std::int64_t rows() const override { return 10'000'000; }
  const std::vector<trace::Column>& columns() const override { return m_columns; }
  Cell cell(std::int64_t row, int column) const override {
    return column == 0 ? Cell(row) : Cell(static_cast<double>(row * 7919 % 10'000'000));
  }

private:
  std::vector<trace::Column> m_columns = {{"row", "", ""}, {"value", "", ""}};
};

TEST(ResultTableModel, TenMillionRowsScroll) {
  ResultTableModel model;
  QTableView view;
  view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view.verticalHeader()->setDefaultSectionSize(20);
  view.setModel(&model);
  view.resize(600, 400);
  view.show();
  model.setSource(std::make_shared<const HugeSource>());
  const tests::ThreadTime timer;
  for (const int row : {0, 9'999'999, 5'000'000, 1234}) {
    view.scrollTo(model.index(row, 0));
    view.grab();
  }
  RecordProperty("milliseconds", static_cast<int>(timer.milliseconds()));
  EXPECT_LT(timer.milliseconds(), 4 * 50);
  EXPECT_EQ(model.index(9'999'999, 0).data(Qt::UserRole).toLongLong(), 9'999'999);
}

} // namespace
} // namespace switchyard::studio
