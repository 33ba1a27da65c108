#include "app/studio/timeline/timeline_cells.h"

#include <cmath>

#include "app/studio/document/numbers.h"
#include "app/studio/figures/cell_table.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

namespace {

/// Item: column * 2 + lane.
class TimelineCells final : public CellTable {
public:
  explicit TimelineCells(const Timeline& timeline) : m_timeline(timeline) {}
  QString headline() const override { return m_timeline.headline(); }
  int rows() const override {
    return m_timeline.lane(false).values().empty() ? 0 : m_timeline.showsOther() ? 2 : 1;
  }
  int columns() const override { return static_cast<int>(m_timeline.lane(false).values().size()); }
  QString rowName(int row) const override { return m_timeline.laneName(row == 1); }
  QString columnName(int column) const override {
    const LaneRange& range = m_timeline.lane(false).range();
    return Timeline::tr("tokens %1 to %2")
        .arg(grouped(range.begin(column)), grouped(range.begin(column + 1) - 1));
  }
  int item(int row, int column) const override { return column * 2 + row; }
  std::pair<int, int> place(int item) const override { return {item % 2, item / 2}; }
  bool contains(int item) const override {
    return item >= 0 && item % 2 < rows() && item / 2 < columns();
  }
  QString spoken(int item) const override {
    return columnName(item / 2) + ", " + rowName(item % 2) + " " + value(item);
  }
  QString value(int item) const override {
    const std::vector<float>& values = m_timeline.lane(item % 2 == 1).values();
    const auto column = static_cast<std::size_t>(item / 2);
    return column >= values.size() || std::isnan(values[column])
               ? Timeline::tr("not known yet")
               : QString::number(static_cast<double>(values[column]), 'f', 2);
  }
  QRectF rect(int item) const override {
    const LaneRange& range = m_timeline.lane(false).range();
    const double left = m_timeline.xOf(static_cast<double>(range.begin(item / 2)));
    return {left, 0, m_timeline.xOf(static_cast<double>(range.begin(item / 2 + 1))) - left,
            static_cast<double>(m_timeline.height())};
  }
  int itemAt(const QPointF& at) const override {
    const LaneRange& range = m_timeline.lane(false).range();
    const double token = m_timeline.tokenAt(at.x());
    if (rows() == 0 || token < static_cast<double>(range.first) ||
        token >= static_cast<double>(range.last))
      return -1;
    return 2 * static_cast<int>((token - static_cast<double>(range.first)) * range.columns /
                                static_cast<double>(range.last - range.first));
  }
  bool isSelected(int item) const override {
    const auto& brush = m_timeline.brush();
    const LaneRange& range = m_timeline.lane(false).range();
    return brush && range.begin(item / 2) < brush->second &&
           range.begin(item / 2 + 1) > brush->first;
  }
  bool isCurrent(int) const override { return false; }
  std::vector<int> selected() const override {
    std::vector<int> items;
    for (int column = 0; column < columns(); ++column)
      for (int row = 0; row < rows(); ++row)
        if (isSelected(item(row, column)))
          items.push_back(item(row, column));
    return items;
  }

private:
  const Timeline& m_timeline;
};

} // namespace

void describeCells(Timeline& timeline) {
  new CellTableHolder(&timeline, std::make_unique<TimelineCells>(timeline));
}

} // namespace switchyard::studio
