#include "app/studio/figures/heatmap_image.h"

#include <algorithm>
#include <cmath>

namespace switchyard::studio {

namespace {

constexpr int kHatch = 6;

enum class Pattern { Hatch, Outline, Diagonal };

struct PatternedCell {
  int column;
  Pattern pattern;
};

/// A row of cells as one line of pixels; patterns are put over it where a cell has one.
void fillLine(QRgb* line, int width, const DrawnGrid& grid, int row,
              std::span<const PixelSpan> columns, const CellImageOptions& options,
              std::vector<PatternedCell>& special) {
  std::fill_n(line, width, options.inks.canvas);
  special.clear();
  for (int column = 0; column < grid.columns && column < static_cast<int>(columns.size());
       ++column) {
    const PixelSpan span = columns[static_cast<std::size_t>(column)];
    const std::size_t cell =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
        static_cast<std::size_t>(column);
    const auto value = static_cast<double>(grid.values[cell]);
    const bool left = !options.filtered.empty() && options.filtered[cell] != 0;
    QRgb colour = options.inks.noData;
    if (left) {
      colour = options.inks.filteredOut;
      special.push_back({column, Pattern::Outline});
    } else if (std::isnan(value)) {
      special.push_back({column, Pattern::Hatch});
    } else {
      colour = options.map->at(options.domain.share(value));
      if (options.markNegative && options.domain.centre && value < *options.domain.centre)
        special.push_back({column, Pattern::Diagonal});
    }
    std::fill(line + std::max(span.first, 0), line + std::min(span.last, width), colour);
  }
}

void hatch(QImage& image, const QRect& cell, QRgb ink) {
  for (int y = cell.top(); y <= cell.bottom(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = cell.left(); x <= cell.right(); ++x)
      if ((x + y) % kHatch == 0)
        line[x] = ink;
  }
}

void outline(QImage& image, const QRect& cell, QRgb ink) {
  for (int y = cell.top(); y <= cell.bottom(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    const bool whole = y == cell.top() || y == cell.bottom();
    for (int x = cell.left(); x <= cell.right(); ++x)
      if (whole || x == cell.left() || x == cell.right())
        line[x] = ink;
  }
}

/// From the lower left to the upper right corner; ink against the colour of the cell.
void diagonal(QImage& image, const QRect& cell, QRgb colour) {
  const QRgb ink = inkOn(QColor::fromRgb(colour)).rgb();
  const int steps = std::max(cell.width(), cell.height());
  for (int step = 0; step < steps; ++step) {
    const int x = cell.left() + step * (cell.width() - 1) / std::max(1, steps - 1);
    const int y = cell.bottom() - step * (cell.height() - 1) / std::max(1, steps - 1);
    reinterpret_cast<QRgb*>(image.scanLine(y))[x] = ink;
  }
}

} // namespace

std::vector<PixelSpan> pixelSpans(int cells, int pixels, int gap) {
  std::vector<PixelSpan> spans(static_cast<std::size_t>(std::max(cells, 0)));
  const auto edge = [&](int cell) {
    return static_cast<int>(std::lround(static_cast<double>(cell) * pixels / cells));
  };
  for (int cell = 0; cell < cells; ++cell)
    spans[static_cast<std::size_t>(cell)] = {edge(cell),
                                             std::max(edge(cell), edge(cell + 1) - gap)};
  return spans;
}

QImage cellImage(const DrawnGrid& grid, std::span<const PixelSpan> rows,
                 std::span<const PixelSpan> columns, QSize size, const CellImageOptions& options) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(options.inks.canvas);
  if (image.isNull() || options.map == nullptr)
    return image;
  const std::size_t bytes = static_cast<std::size_t>(size.width()) * sizeof(QRgb);
  std::vector<QRgb> line(static_cast<std::size_t>(size.width()));
  std::vector<PatternedCell> special;
  for (int row = 0; row < grid.rows && row < static_cast<int>(rows.size()); ++row) {
    const PixelSpan span = rows[static_cast<std::size_t>(row)];
    const int first = std::max(span.first, 0), last = std::min(span.last, size.height());
    if (first >= last)
      continue;
    fillLine(line.data(), size.width(), grid, row, columns, options, special);
    for (int y = first; y < last; ++y)
      std::copy_n(reinterpret_cast<const uchar*>(line.data()), bytes, image.scanLine(y));
    for (const auto& [column, pattern] : special) {
      const PixelSpan across = columns[static_cast<std::size_t>(column)];
      const QRect cell(std::max(across.first, 0), first,
                       std::min(across.last, size.width()) - std::max(across.first, 0),
                       last - first);
      if (cell.isEmpty())
        continue;
      if (pattern == Pattern::Outline)
        outline(image, cell, options.inks.filteredLine);
      else if (pattern == Pattern::Hatch)
        hatch(image, cell, options.inks.noDataHatch);
      else
        diagonal(image, cell, line[static_cast<std::size_t>(cell.left())]);
    }
  }
  return image;
}

} // namespace switchyard::studio
