#include "app/studio/live/yard_layout.h"

#include <algorithm>
#include <cmath>

namespace switchyard::studio {

namespace {

// At UI scale 100 %, from the design.
constexpr double kLeft = 31, kRight = 75;
/// Room for the chips above and below the rows.
struct ChipRoom {
  double topChip, ticks, plot, below, bottomChip;
};
constexpr ChipRoom kRoomy{11, 40, 44, 34, 11}, kTight{9, 32, 34, 25, 9};
constexpr double kTicks = 17, kPlot = 25, kBelow = 6;
constexpr double kLens = 66;
constexpr double kMinCell = 3, kPitchAll = 24, kPitchCurves = 12;
constexpr double kMaxCellHeight = 17, kMaxUsedWidth = 34, kLabelDistance = 26;

int labelStep(double pitch, double distance) {
  int step = 1;
  while (step * pitch < distance)
    step *= 2;
  return step;
}

} // namespace

YardLayout::YardLayout(const YardInput& input) : m_input(input) {
  const double s = input.scale;
  const double width = std::max(kMinCell * s, input.size.width() - (kLeft + kRight) * s);
  const double height = input.size.height();
  const int layers = std::max(1, input.layers);
  const auto pitchWith = [&](const ChipRoom& room) {
    return (height - (room.plot + room.below) * s) / layers;
  };
  const ChipRoom& chips = pitchWith(kRoomy) >= kPitchAll * s ? kRoomy : kTight;
  m_plot.setLeft(kLeft * s);
  m_plot.setWidth(width);
  if (pitchWith(chips) >= kPitchAll * s) {
    m_pitch = pitchWith(chips);
    m_ticks = chips.ticks * s;
    m_topChip = chips.topChip * s;
    m_bottomChip = height - chips.bottomChip * s;
    m_plot.setTop(chips.plot * s);
    m_cellHeight = std::min(kMaxCellHeight * s, m_pitch * 0.6);
  } else {
    m_ticks = kTicks * s;
    m_plot.setTop(kPlot * s);
    const double room = height - (kPlot + kBelow) * s;
    const double withLens = (room - kLens * s) / layers;
    const bool lens = input.lens && withLens >= kMinCell;
    m_pitch = std::clamp(lens ? withLens : room / layers, 0.1, kPitchAll * s - 0.01);
    if (m_pitch < kMinCell) {
      m_perRow = static_cast<int>(std::ceil(kMinCell / m_pitch));
      m_pitch *= m_perRow;
    }
    m_detail = m_pitch >= kPitchCurves * s ? StrandDetail::FirstCurves : StrandDetail::FirstLines;
    m_cellHeight = m_detail == StrandDetail::FirstCurves ? m_pitch - 1 : m_pitch;
    if (lens)
      m_lens = QRectF(0, height - kLens * s, input.size.width(), kLens * s);
  }
  const int rows = (layers + m_perRow - 1) / m_perRow;
  m_plot.setHeight(m_pitch * rows);
  const int experts = std::max(1, input.experts);
  m_perColumn = static_cast<int>(std::ceil(kMinCell * experts / width));
  m_columnWidth = width / ((experts + m_perColumn - 1) / m_perColumn);
}

int YardLayout::columns() const {
  return (std::max(1, m_input.experts) + m_perColumn - 1) / m_perColumn;
}

QRectF YardLayout::gutter() const {
  return QRectF(m_plot.right(), m_plot.top(), m_input.size.width() - m_plot.right(),
                m_plot.height());
}

QRectF YardLayout::rowRect(int layer) const {
  const double centre = m_plot.top() + (layer / m_perRow + 0.5) * m_pitch;
  return QRectF(m_plot.left(), centre - m_cellHeight / 2, m_plot.width(), m_cellHeight);
}

double YardLayout::gap() const {
  return m_columnWidth >= 8 ? 1 : m_columnWidth >= 4 ? 0.5 : 0;
}

double YardLayout::usedWidth(int layer) const {
  const auto count = m_input.used[static_cast<std::size_t>(layer)].size();
  return std::min(kMaxUsedWidth * m_input.scale,
                  m_plot.width() / static_cast<double>(std::max<std::size_t>(1, count)));
}

std::optional<double> YardLayout::expertX(int layer, int expert) const {
  if (usedOnly()) {
    const auto& used = m_input.used[static_cast<std::size_t>(layer)];
    const auto found = std::ranges::lower_bound(used, expert);
    if (found == used.end() || *found != expert)
      return std::nullopt;
    return m_plot.left() + (static_cast<double>(found - used.begin()) + 0.5) * usedWidth(layer);
  }
  if (expert < 0 || expert >= m_input.experts)
    return std::nullopt;
  return m_plot.left() + (expert + 0.5) * m_columnWidth / m_perColumn;
}

QRectF YardLayout::cell(int layer, int expert) const {
  const std::optional<double> x = expertX(layer, expert);
  if (!x)
    return {};
  const QRectF row = rowRect(layer);
  if (usedOnly()) {
    const double width = std::max(kMinCell, usedWidth(layer) - 1);
    return QRectF(*x - width / 2, row.top(), width, row.height());
  }
  const int column = expert / m_perColumn;
  return QRectF(m_plot.left() + column * m_columnWidth, row.top(),
                std::max(kMinCell, m_columnWidth - gap()), row.height());
}

int YardLayout::layerAt(double y) const {
  if (y < m_plot.top() || y >= m_plot.bottom())
    return -1;
  const int layer = static_cast<int>((y - m_plot.top()) / m_pitch) * m_perRow;
  return layer < m_input.layers ? layer : -1;
}

int YardLayout::expertAt(int layer, double x) const {
  if (layer < 0 || x < m_plot.left() || x >= m_plot.right())
    return -1;
  if (usedOnly()) {
    const auto& used = m_input.used[static_cast<std::size_t>(layer)];
    const auto index = static_cast<std::size_t>((x - m_plot.left()) / usedWidth(layer));
    return index < used.size() ? used[index] : -1;
  }
  const int expert = static_cast<int>((x - m_plot.left()) / m_columnWidth) * m_perColumn;
  return expert < m_input.experts ? expert : -1;
}

int YardLayout::expertLabelStep() const {
  return labelStep(m_columnWidth / m_perColumn, kLabelDistance * m_input.scale);
}

int YardLayout::layerLabelStep() const {
  return labelStep(m_pitch / m_perRow, 13 * m_input.scale);
}

} // namespace switchyard::studio
