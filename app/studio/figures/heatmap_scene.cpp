#include "app/studio/figures/heatmap_scene.h"

#include <algorithm>
#include <cmath>

namespace switchyard::studio {

namespace {

constexpr int kMostSliding = 2000;

} // namespace

HeatmapScene::HeatmapScene(std::shared_ptr<const HeatmapData> data) {
  setData(std::move(data));
}

void HeatmapScene::setData(std::shared_ptr<const HeatmapData> data) {
  const bool same = m_data && m_data->rows == data->rows && m_data->columns == data->columns;
  m_from.clear();
  m_slide = 1;
  if (same && m_data->items() <= kMostSliding) {
    bool moved = false;
    for (int item = 0; item < m_data->items(); ++item) {
      m_from.push_back(m_data->place(item));
      moved = moved || m_from.back() != data->place(item);
    }
    if (!moved)
      m_from.clear();
  }
  m_data = std::move(data);
  m_domain = m_data->spec.domain;
  m_binning = m_data->spec.binning;
  if (!same) {
    m_rows = CellWindow(m_data->rows);
    m_columns = CellWindow(m_data->columns);
  }
  m_trees.clear();
  for (const auto& merges : m_data->spec.trees)
    m_trees.emplace_back(merges, m_data->columns);
}

bool HeatmapScene::canSlide() const {
  return !m_from.empty() && m_rowBin == 1 && m_columnBin == 1 && !m_data->spec.matrix;
}

int HeatmapScene::itemAt(const QPointF& at) const {
  if (!m_plot.contains(at) || m_grid.columns == 0 || m_grid.rows == 0)
    return -1;
  const double x = (at.x() - m_plot.left()) / m_plot.width() * m_grid.columns;
  const double y = (at.y() - m_plot.top()) / m_plot.height() * m_grid.rows;
  const int drawnRow = std::min(static_cast<int>(y), m_grid.rows - 1);
  const int drawnColumn = std::min(static_cast<int>(x), m_grid.columns - 1);
  const int row = m_range.firstRow + drawnRow * m_rowBin;
  const int place = m_range.firstColumn + drawnColumn * m_columnBin;
  if (m_rowBin == 1 && m_columnBin == 1)
    return m_data->itemAtPlace(row, place);
  // The cell that gives a shared drawn cell its colour is the one that is meant.
  int best = -1;
  double most = 0;
  for (int r = row; r < std::min(row + m_rowBin, m_data->rows); ++r)
    for (int p = place; p < std::min(place + m_columnBin, m_data->columns); ++p) {
      const int item = m_data->itemAtPlace(r, p);
      const double value = m_data->spec.values[static_cast<std::size_t>(item)];
      const double weight = std::isnan(value) ? -1
                            : m_domain.centre && m_domain.scale == ScaleKind::Linear
                                ? std::fabs(value - *m_domain.centre)
                                : value;
      if (best < 0 || weight > most) {
        best = item;
        most = weight;
      }
    }
  return best;
}

QRectF HeatmapScene::itemRect(int item) const {
  if (item < 0 || item >= items())
    return {};
  const int row = item / m_data->columns, place = m_data->place(item);
  if (row < m_range.firstRow || row >= m_range.firstRow + m_range.rows ||
      place < m_range.firstColumn || place >= m_range.firstColumn + m_range.columns)
    return {};
  return drawnRect((row - m_range.firstRow) / m_rowBin,
                   (place - m_range.firstColumn) / m_columnBin);
}

std::vector<int> HeatmapScene::itemsIn(const QRectF& area) const {
  const QRectF inside = area.intersected(m_plot);
  std::vector<int> found;
  if (inside.isEmpty() || m_grid.columns == 0)
    return found;
  const double columnPitch = m_plot.width() / m_grid.columns,
               rowPitch = m_plot.height() / m_grid.rows;
  const auto first = [](double pixels, double pitch) {
    return static_cast<int>(std::floor(pixels / pitch));
  };
  const int left =
      m_range.firstColumn + m_columnBin * first(inside.left() - m_plot.left(), columnPitch);
  const int right = m_range.firstColumn +
                    m_columnBin * (first(inside.right() - m_plot.left() - 0.5, columnPitch) + 1);
  const int top = m_range.firstRow + m_rowBin * first(inside.top() - m_plot.top(), rowPitch);
  const int bottom =
      m_range.firstRow + m_rowBin * (first(inside.bottom() - m_plot.top() - 0.5, rowPitch) + 1);
  for (int row = top; row < std::min(bottom, m_data->rows); ++row)
    for (int place = left; place < std::min(right, m_data->columns); ++place)
      found.push_back(m_data->itemAtPlace(row, place));
  return found;
}

int HeatmapScene::neighbour(int item, int right, int down) const {
  if (items() == 0)
    return -1;
  if (item < 0 || item >= items())
    return m_data->itemAtPlace(m_range.firstRow, m_range.firstColumn);
  const int row = std::clamp(item / m_data->columns + down, 0, m_data->rows - 1);
  const int place = std::clamp(m_data->place(item) + right, 0, m_data->columns - 1);
  return m_data->itemAtPlace(row, place);
}

void HeatmapScene::tablePlace(int item, int& row, int& column) const {
  row = item / m_data->columns;
  column = m_data->place(item);
}

bool HeatmapScene::zoom(double factor, const QPointF& at) {
  if (m_plot.isEmpty())
    return false;
  const bool columns = m_columns.zoom(factor, (at.x() - m_plot.left()) / m_plot.width());
  // Few rows stay whole: they are what a reader compares.
  const bool rows =
      m_rows.size > 16 && m_rows.zoom(factor, (at.y() - m_plot.top()) / m_plot.height());
  return columns || rows;
}

bool HeatmapScene::pan(const QPointF& pixels) {
  if (m_plot.isEmpty())
    return false;
  const bool columns = m_columns.pan(pixels.x() / m_plot.width() * m_columns.count);
  const bool rows = m_rows.pan(pixels.y() / m_plot.height() * m_rows.count);
  return columns || rows;
}

bool HeatmapScene::fit() {
  const bool columns = m_columns.fit();
  return m_rows.fit() || columns;
}

bool HeatmapScene::zoomTo(int item) {
  if (item < 0 || item >= items())
    return false;
  const int wantedColumns = std::min(m_data->columns, 16), wantedRows = std::min(m_data->rows, 16);
  const bool columns = m_columns.show(m_data->place(item) - wantedColumns / 2, wantedColumns);
  return m_rows.show(item / m_data->columns - wantedRows / 2, wantedRows) || columns;
}

QRectF HeatmapScene::treeArea() const {
  if (m_trees.size() != 1 || m_data->columns == 0)
    return {};
  return m_data->spec.matrix
             ? QRectF(m_plot.left() - m_leftTree, m_plot.top(), m_leftTree, m_plot.height())
             : QRectF(m_plot.left(), m_plot.top() - m_topTree, m_plot.width(), m_topTree);
}

bool HeatmapScene::cutsTree() const {
  const QRectF area = treeArea();
  const bool left = m_data->spec.matrix;
  return !area.isEmpty() && isCut(m_trees.front(), left ? area.height() / m_rows.count
                                                        : area.width() / m_columns.count);
}

bool HeatmapScene::zoomAt(const QPointF& at) {
  const QRectF area = treeArea();
  if (!area.contains(at))
    return false;
  const bool left = m_data->spec.matrix;
  const DendrogramShape& tree = m_trees.front();
  int node = -1;
  if (cutsTree()) {
    const double place =
        left ? m_rows.first + (at.y() - area.top()) / area.height() * m_rows.count
             : m_columns.first + (at.x() - area.left()) / area.width() * m_columns.count;
    node = tree.clusterAt(static_cast<int>(place), kDendrogramClusters);
  }
  std::vector<int> places;
  if (node >= 0)
    places = {tree.nodes()[static_cast<std::size_t>(node)].first,
              tree.nodes()[static_cast<std::size_t>(node)].last};
  else
    for (const int item : leavesAt(at))
      places.push_back(m_data->place(item));
  if (places.empty())
    return false;
  const auto [first, last] = std::ranges::minmax(places);
  const bool columns = m_columns.show(first, last - first + 1);
  return (left && m_rows.show(first, last - first + 1)) || columns;
}

std::vector<int> HeatmapScene::leavesAt(const QPointF& at) const {
  const bool perRow = m_trees.size() > 1;
  std::vector<int> found;
  if (m_trees.empty() || perRow || m_data->columns == 0)
    return found;
  const bool left = m_data->spec.matrix;
  const QRectF area = treeArea();
  const double along =
      left ? (at.y() - area.top()) / area.height() * m_rows.count + m_rows.first
           : (at.x() - area.left()) / area.width() * m_columns.count + m_columns.first;
  const double height = left ? (area.right() - 2 - at.x()) / (area.width() - 4)
                             : (area.bottom() - 2 - at.y()) / (area.height() - 4);
  if (height < -0.1 || height > 1.1)
    return found;
  const int node = m_trees.front().nodeAt(along, height, 1);
  if (node < 0)
    return found;
  const auto& shape = m_trees.front().nodes()[static_cast<std::size_t>(node)];
  for (int place = shape.first; place <= shape.last; ++place)
    found.push_back(left ? m_data->itemAtPlace(place, place) : m_data->itemAtPlace(0, place));
  return found;
}

} // namespace switchyard::studio
