// Where the parts of a heatmap go.

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kMinCell = 3;
constexpr double kRowWithTree = 44; ///< row pitch from which a row has its own tree
constexpr double kRowWithStrip = 22;
constexpr double kTallRow = 56; ///< above it a cell does not fill its row

double widest(const QStringList& labels, const QFontMetricsF& metrics, double limit) {
  double width = 0;
  // Labels of thousands of rows are numbers: the longest ones are among the last.
  const qsizetype from = std::max<qsizetype>(0, labels.size() - 512);
  for (qsizetype i = from; i < labels.size(); ++i)
    width = std::max(width, metrics.horizontalAdvance(labels.at(i)));
  return std::ceil(std::min(width, limit)) + 1;
}

} // namespace

void HeatmapScene::layout(const QSizeF& size, double devicePixelRatio) {
  m_ratio = devicePixelRatio;
  placePlot(size);
  placeCells();
}

void HeatmapScene::placePlot(const QSizeF& size) {
  const Theme& theme = Theme::instance();
  const HeatmapSpec& spec = m_data->spec;
  const QFontMetricsF metrics(theme.font(TextSize::Note));
  const double labels = widest(spec.rowLabels, metrics, theme.px(150)) + theme.px(8) +
                        (spec.rowGroups.empty() ? 0 : theme.px(14));
  m_leftTree = spec.matrix && !m_trees.empty() ? theme.px(56) : 0;
  m_topTree = !spec.matrix && m_trees.size() == 1 ? theme.px(34) : 0;
  const bool axisBelow = !spec.matrix && !spec.numbers;
  const double gutterWidth = theme.px(m_data->rows > 12 ? 76 : 52);
  const double left = theme.px(10) + labels + m_leftTree;
  double top = theme.px(spec.matrix ? 34 : 8) + m_topTree;
  if (!spec.gutters.empty() && !spec.matrix)
    top = std::max<double>(top, theme.px(22) + m_topTree);
  const double right = theme.px(12) + gutterWidth * static_cast<double>(spec.gutters.size());
  const double bottom =
      theme.px(axisBelow ? 24 : 8) + (spec.stripNames.isEmpty() ? 0 : theme.px(28));
  double width = std::max(0.0, std::floor(size.width() - left - right));
  double height = std::max(0.0, std::floor(size.height() - top - bottom));
  if (spec.matrix && m_data->rows > 0 && m_data->columns > 0) {
    double side = std::min({width / m_columns.count, height / m_rows.count, double(theme.px(40))});
    side = side > 4 ? std::floor(side * m_ratio) / m_ratio : side;
    width = std::floor(side * m_columns.count);
    height = std::floor(side * m_rows.count);
  } else if (m_data->columns > 0) {
    width = std::min<double>(width, double(theme.px(120)) * m_columns.count);
  }
  m_plot = QRectF(std::floor(left), std::floor(top), width, height);
}

void HeatmapScene::placeCells() {
  const Theme& theme = Theme::instance();
  m_grid = {};
  m_rowSpans.clear();
  m_columnSpans.clear();
  if (m_plot.isEmpty() || items() == 0)
    return;
  m_columnBin = GridPyramid::binFor(m_columns.count, m_plot.width(), kMinCell);
  m_rowBin = GridPyramid::binFor(m_rows.count, m_plot.height(), kMinCell);
  const auto aligned = [](const CellWindow& window, int bin, int& first, int& count) {
    first = window.first / bin * bin;
    const int last = std::min((window.first + window.count + bin - 1) / bin * bin, window.size);
    count = last - first;
  };
  aligned(m_columns, m_columnBin, m_range.firstColumn, m_range.columns);
  aligned(m_rows, m_rowBin, m_range.firstRow, m_range.rows);
  const std::optional<double> centre =
      m_domain.scale == ScaleKind::Linear ? m_domain.centre : std::nullopt;
  m_grid = m_data->pyramid.reduce(m_range, m_rowBin, m_columnBin, m_binning, centre);

  const int width = static_cast<int>(std::lround(m_plot.width() * m_ratio));
  const int height = static_cast<int>(std::lround(m_plot.height() * m_ratio));
  const double columnPitch = m_plot.width() / m_grid.columns;
  const double rowPitch = m_plot.height() / m_grid.rows;
  const auto gapFor = [&](double pitch) {
    return pitch >= 8   ? std::max(1, static_cast<int>(m_ratio))
           : pitch >= 4 ? static_cast<int>(m_ratio / 2)
                        : 0;
  };
  m_columnSpans = pixelSpans(m_grid.columns, width, gapFor(columnPitch));
  m_rowTree = m_trees.size() > 1 && rowPitch >= kRowWithTree
                  ? std::min(0.28 * rowPitch, double(theme.px(22)))
                  : 0;
  m_strip =
      !m_data->spec.strip.empty() && m_rowBin == 1 && m_columnBin == 1 && rowPitch >= kRowWithStrip
          ? theme.px(4)
          : 0;
  double above = m_rowTree, below = m_strip > 0 ? m_strip + theme.px(2) : 0;
  if (rowPitch > kTallRow && !m_data->spec.matrix) {
    const double spare = (rowPitch - above - below) * 0.3;
    above += m_rowTree > 0 ? 0 : spare / 2;
    below += m_rowTree > 0 ? spare : spare / 2;
  } else if (m_strip > 0) {
    below += theme.px(2);
  }
  m_rowSpans = pixelSpans(m_grid.rows, height, above + below > 0 ? 0 : gapFor(rowPitch));
  for (PixelSpan& span : m_rowSpans) {
    span.first += static_cast<int>(std::lround(above * m_ratio));
    span.last =
        std::max(span.first + 1, span.last - static_cast<int>(std::lround(below * m_ratio)));
  }
}

QRectF HeatmapScene::drawnRect(int drawnRow, int drawnColumn) const {
  if (drawnRow < 0 || drawnColumn < 0 || drawnRow >= static_cast<int>(m_rowSpans.size()) ||
      drawnColumn >= static_cast<int>(m_columnSpans.size()))
    return {};
  const PixelSpan row = m_rowSpans[static_cast<std::size_t>(drawnRow)];
  const PixelSpan column = m_columnSpans[static_cast<std::size_t>(drawnColumn)];
  return {m_plot.left() + column.first / m_ratio, m_plot.top() + row.first / m_ratio,
          std::max(1, column.last - column.first) / m_ratio, (row.last - row.first) / m_ratio};
}

std::vector<std::uint8_t> HeatmapScene::drawnFilter() const {
  const std::vector<std::uint8_t>& filtered = m_data->spec.filtered;
  std::vector<std::uint8_t> drawn;
  if (filtered.empty())
    return drawn;
  drawn.assign(m_grid.values.size(), 1);
  for (int row = m_range.firstRow; row < m_range.firstRow + m_range.rows; ++row)
    for (int place = m_range.firstColumn; place < m_range.firstColumn + m_range.columns; ++place)
      if (!filtered[static_cast<std::size_t>(m_data->itemAtPlace(row, place))])
        drawn[static_cast<std::size_t>((row - m_range.firstRow) / m_rowBin * m_grid.columns +
                                       (place - m_range.firstColumn) / m_columnBin)] = 0;
  return drawn;
}

} // namespace switchyard::studio
