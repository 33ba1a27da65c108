// Where things land on pages of 100 by 100 with margins of 10.

#include <gtest/gtest.h>

#include <QImage>

#include "app/studio/report/page_flow.h"
#include "app/studio/report/page_table.h"
#include "app/studio/report/report_pages.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {
namespace {

/// Records where what is placed is painted.
struct Sheet {
  PageFlow flow{{QSizeF(100, 120), QMarginsF(10, 10, 10, 10)}};
  struct Mark {
    int page;
    char name;
    double top, scale;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  std::vector<Mark> marks;
  int page = 0;

  void place(double height, char name) {
    flow.place(height, [this, name](QPainter& painter, PaintTarget) {
      const QTransform& at = painter.transform();
      marks.push_back({page, name, at.dy(), at.m11()});
    });
  }
  std::vector<Mark> painted() {
    marks.clear();
    QImage image(100, 120, QImage::Format_RGB32);
    QPainter painter(&image);
    for (page = 0; page < flow.pages(); ++page)
      flow.paint(painter, page, PaintTarget::Screen);
    return marks;
  }
};

using Marks = std::vector<Sheet::Mark>;

TEST(PageFlow, WhatDoesNotFitGoesToTheNextPage) {
  Sheet sheet;
  EXPECT_EQ(sheet.flow.pageHeight(), 100);
  sheet.flow.space(20); // nothing at the top
  sheet.place(60, 'a');
  sheet.flow.space(10);
  sheet.place(30, 'b');
  sheet.place(1, 'c');
  EXPECT_EQ(sheet.painted(), (Marks{{0, 'a', 10, 1}, {0, 'b', 80, 1}, {1, 'c', 10, 1}}));
}

TEST(PageFlow, AHeadingStaysWithWhatFollows) {
  Sheet sheet;
  sheet.place(60, 'a');
  sheet.flow.beginHeading();
  sheet.place(10, 'h');
  sheet.flow.endHeading();
  sheet.place(50, 'b');
  sheet.place(45, 'c'); // the heading was for b only
  EXPECT_EQ(sheet.painted(),
            (Marks{{0, 'a', 10, 1}, {1, 'h', 10, 1}, {1, 'b', 20, 1}, {2, 'c', 10, 1}}));
}

TEST(PageFlow, WhatIsHigherThanAPageIsDrawnSmaller) {
  Sheet sheet;
  sheet.place(200, 'a');
  sheet.flow.beginHeading();
  sheet.place(50, 'h');
  sheet.flow.endHeading();
  sheet.place(100, 'b');
  EXPECT_EQ(sheet.painted(), (Marks{{0, 'a', 10, 0.5}, {1, 'h', 10, 1}, {1, 'b', 60, 0.5}}));
}

TEST(PageFlow, LinesAreBrokenBetweenPages) {
  Sheet sheet;
  const TextBlock block(QString("word ").repeated(100), Theme::instance().font(TextSize::Tick), 80);
  const double line = block.lineBottom(0);
  sheet.flow.text(block, Qt::black);
  const int perPage = static_cast<int>(100 / line);
  EXPECT_EQ(sheet.flow.pages(), (block.lines() + perPage - 1) / perPage);
}

TEST(PageTable, TheHeaderStandsOnEveryPage) {
  trace::Table table{"t", "T", {{"a", "", ""}, {"b", "", ""}}, {}};
  for (std::int64_t row = 0; row < 400; ++row)
    table.rows.push_back({row, std::string("text")});
  PageFlow flow(reportPage(false));
  placeTable(flow, table, 0, true);
  EXPECT_GT(flow.pages(), 5);
  PageFlow head(reportPage(false));
  placeTable(head, table, 3, true);
  EXPECT_EQ(head.pages(), 1);
  PageFlow none(reportPage(true));
  placeTable(none, {"t", "T", {}, {}}, 0, true);
  placeTable(none, {"t", "T", {{"a", "", ""}}, {}}, 0, true);
  EXPECT_EQ(none.pages(), 1);
}

} // namespace
} // namespace switchyard::studio
