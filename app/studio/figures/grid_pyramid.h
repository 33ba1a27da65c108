#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace switchyard::studio {

/// How neighbours that share a drawn cell are summed up.
enum class Binning {
  Maximum, ///< the largest; about a centre: the one that lies farthest from it
  Mean,
};

/// Cells as they are drawn: [rows, columns] row-major, NaN = no data.
struct DrawnGrid {
  int rows = 0;
  int columns = 0;
  std::vector<float> values;
};

/// The part of a grid that is drawn, in cells.
struct GridRange {
  int firstRow = 0;
  int rows = 0;
  int firstColumn = 0; ///< multiple of the column bin
  int columns = 0;
};

/// Values of a figure with coarser copies (maximum, minimum and mean of 2, 4, 8 ... columns), so
/// that any part of millions of cells is brought to screen size in a few ms. Made in a job;
/// immutable, and read from any thread. Values are kept as float: this is for drawing.
class GridPyramid {
public:
  GridPyramid() = default;
  /// values [rows, columns] row-major, NaN = no data; others are ignored if the size is wrong.
  GridPyramid(std::span<const double> values, int rows, int columns);

  int rows() const { return m_rows; }
  int columns() const { return m_columns; }

  /// Neighbours that must share a drawn cell so that none is thinner than `minPixels`: the smallest
  /// such number below 8, and above it at most a quarter more, a multiple of a power of two.
  static int binFor(int cells, double pixels, double minPixels = 3);

  /// `range` with rowBin x columnBin cells in one; the last bins may be partial. Bins in which all
  /// is NaN are NaN. O(range / max(1, columnBin / 8)).
  DrawnGrid reduce(const GridRange& range, int rowBin, int columnBin, Binning binning,
                   std::optional<double> centre = {}) const;

private:
  struct Level {
    int columns = 0;
    std::vector<float> largest, smallest, mean;
    std::vector<std::uint32_t> known; ///< cells with data behind each mean
  };
  const Level& levelFor(int columnBin, int& width) const;

  int m_rows = 0;
  int m_columns = 0;
  std::vector<float> m_values;
  std::vector<Level> m_levels; ///< [i]: 2^(i+1) columns in one
};

} // namespace switchyard::studio
