#include "app/studio/figures/grid_pyramid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::studio {

namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

/// Sums up the cells of one bin.
struct Bin {
  float largest = kNone, smallest = kNone;
  double sum = 0;
  std::uint64_t known = 0;

  void add(float high, float low, float mean, std::uint32_t cells) {
    if (cells == 0)
      return;
    if (known == 0) {
      largest = high;
      smallest = low;
    } else {
      largest = std::max(largest, high);
      smallest = std::min(smallest, low);
    }
    sum += static_cast<double>(mean) * cells;
    known += cells;
  }
  float mean() const {
    return known ? static_cast<float>(sum / static_cast<double>(known)) : kNone;
  }
  float extreme(double centre) const {
    return static_cast<double>(largest) - centre >= centre - static_cast<double>(smallest)
               ? largest
               : smallest;
  }
};

/// The largest power of two that is at most value / 4, as an exponent; 0 below 8.
int coarseExponent(int value) {
  int exponent = 0;
  while (value >> (exponent + 3) > 0)
    ++exponent;
  return exponent;
}

} // namespace

GridPyramid::GridPyramid(std::span<const double> values, int rows, int columns)
    : m_rows(std::max(rows, 0)), m_columns(std::max(columns, 0)) {
  const auto cells = static_cast<std::size_t>(m_rows) * static_cast<std::size_t>(m_columns);
  m_values.assign(cells, kNone);
  for (std::size_t i = 0; i < std::min(cells, values.size()); ++i)
    m_values[i] = std::isfinite(values[i]) ? static_cast<float>(values[i]) : kNone;
  // A level pays off where bins of at least 8 columns can occur.
  int width = m_columns;
  while (width > 256) {
    const bool first = m_levels.empty();
    const int half = (width + 1) / 2;
    Level level;
    level.columns = half;
    const auto size = static_cast<std::size_t>(m_rows) * static_cast<std::size_t>(half);
    level.largest.resize(size);
    level.smallest.resize(size);
    level.mean.resize(size);
    level.known.resize(size);
    for (int row = 0; row < m_rows; ++row) {
      for (int column = 0; column < half; ++column) {
        Bin bin;
        for (int part = 2 * column; part < std::min(2 * column + 2, width); ++part) {
          const std::size_t from = static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                                   static_cast<std::size_t>(part);
          if (first)
            bin.add(m_values[from], m_values[from], m_values[from],
                    std::isnan(m_values[from]) ? 0 : 1);
          else
            bin.add(m_levels.back().largest[from], m_levels.back().smallest[from],
                    m_levels.back().mean[from], m_levels.back().known[from]);
        }
        const std::size_t to = static_cast<std::size_t>(row) * static_cast<std::size_t>(half) +
                               static_cast<std::size_t>(column);
        level.largest[to] = bin.largest;
        level.smallest[to] = bin.smallest;
        level.mean[to] = bin.mean();
        level.known[to] = static_cast<std::uint32_t>(bin.known);
      }
    }
    m_levels.push_back(std::move(level));
    width = half;
  }
}

int GridPyramid::binFor(int cells, double pixels, double minPixels) {
  if (cells <= 0 || pixels <= 0)
    return 1;
  const double needed = std::ceil(minPixels * cells / pixels - 1e-9);
  const int bin = static_cast<int>(std::clamp(needed, 1.0, static_cast<double>(cells)));
  if (bin < 8)
    return bin;
  const int unit = 1 << coarseExponent(bin);
  return (bin + unit - 1) / unit * unit;
}

const GridPyramid::Level& GridPyramid::levelFor(int columnBin, int& width) const {
  static const Level none;
  width = 1;
  std::size_t level = 0;
  while (level < m_levels.size() && columnBin % (2 * width) == 0) {
    width *= 2;
    ++level;
  }
  return level == 0 ? none : m_levels[level - 1];
}

DrawnGrid GridPyramid::reduce(const GridRange& range, int rowBin, int columnBin, Binning binning,
                              std::optional<double> centre) const {
  DrawnGrid grid;
  if (range.rows <= 0 || range.columns <= 0 || rowBin < 1 || columnBin < 1)
    return grid;
  grid.rows = (range.rows + rowBin - 1) / rowBin;
  grid.columns = (range.columns + columnBin - 1) / columnBin;
  grid.values.resize(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns));
  int width = 1;
  const Level& level = levelFor(columnBin, width);
  const int levelColumns = width == 1 ? m_columns : level.columns;
  const int lastRow = std::min(range.firstRow + range.rows, m_rows);
  const int lastColumn =
      std::min((range.firstColumn + range.columns + width - 1) / width, levelColumns);
  for (int row = 0; row < grid.rows; ++row) {
    const int rowFrom = range.firstRow + row * rowBin;
    for (int column = 0; column < grid.columns; ++column) {
      const int from = (range.firstColumn + column * columnBin) / width;
      const int to = std::min(from + columnBin / width, lastColumn);
      Bin bin;
      for (int r = rowFrom; r < std::min(rowFrom + rowBin, lastRow); ++r) {
        const std::size_t base =
            static_cast<std::size_t>(r) * static_cast<std::size_t>(levelColumns);
        for (int c = from; c < to; ++c) {
          const std::size_t at = base + static_cast<std::size_t>(c);
          if (width == 1)
            bin.add(m_values[at], m_values[at], m_values[at], std::isnan(m_values[at]) ? 0 : 1);
          else
            bin.add(level.largest[at], level.smallest[at], level.mean[at], level.known[at]);
        }
      }
      float& out =
          grid.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
                      static_cast<std::size_t>(column)];
      if (binning == Binning::Mean || bin.known == 0)
        out = bin.mean();
      else
        out = centre ? bin.extreme(*centre) : bin.largest;
    }
  }
  return grid;
}

} // namespace switchyard::studio
