// How a heatmap looks: its cells and what is in them.

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kMostVectorCells = 20000;

} // namespace

QRgb HeatmapScene::colourOf(double value) const {
  const Theme& theme = Theme::instance();
  return (m_domain.isDiverging() ? theme.diverging() : theme.sequential())
      .at(m_domain.share(value));
}

void HeatmapScene::paint(QPainter& painter, PaintTarget target) const {
  if (m_grid.columns == 0 || m_grid.rows == 0)
    return;
  painter.save();
  if (m_slide < 1 && canSlide()) {
    paintSliding(painter);
  } else {
    paintCells(painter, target);
    paintInside(painter);
    paintStrip(painter);
    paintStripKey(painter);
    paintTrees(painter);
  }
  paintAxes(painter);
  paintColumnAxis(painter);
  paintGutters(painter);
  painter.restore();
}

void HeatmapScene::paintCells(QPainter& painter, PaintTarget target) const {
  if (target == PaintTarget::Vector && m_grid.rows * m_grid.columns <= kMostVectorCells) {
    paintCellRects(painter);
    return;
  }
  const Theme& theme = Theme::instance();
  const std::vector<std::uint8_t> filtered = drawnFilter();
  CellImageOptions options;
  options.domain = m_domain;
  options.map = m_domain.isDiverging() ? &theme.diverging() : &theme.sequential();
  options.inks = {theme.color(Ink::Canvas).rgb(), theme.color(Ink::NoData).rgb(),
                  theme.color(Ink::NoDataHatch).rgb(), theme.color(Ink::FilteredOut).rgb(),
                  theme.color(Ink::FilteredLine).rgb()};
  options.markNegative = theme.marksNegativeCells();
  options.filtered = filtered;
  const QSize size(static_cast<int>(std::lround(m_plot.width() * m_ratio)),
                   static_cast<int>(std::lround(m_plot.height() * m_ratio)));
  QImage image = cellImage(m_grid, m_rowSpans, m_columnSpans, size, options);
  image.setDevicePixelRatio(m_ratio);
  painter.drawImage(m_plot.topLeft(), image);
}

void HeatmapScene::paintCellRects(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const std::vector<std::uint8_t> filtered = drawnFilter();
  for (int row = 0; row < m_grid.rows; ++row)
    for (int column = 0; column < m_grid.columns; ++column) {
      const auto cell = static_cast<std::size_t>(row * m_grid.columns + column);
      const auto value = static_cast<double>(m_grid.values[cell]);
      const QRectF rect = drawnRect(row, column);
      if (!filtered.empty() && filtered[cell]) {
        painter.fillRect(rect, theme.filteredOutBrush());
      } else if (std::isnan(value)) {
        painter.fillRect(rect, theme.color(Ink::NoData));
        painter.setPen(QPen(theme.color(Ink::NoDataHatch), 1));
        painter.drawLine(rect.bottomLeft(), rect.topRight());
      } else {
        painter.fillRect(rect, QColor::fromRgb(colourOf(value)));
        if (theme.marksNegativeCells() && m_domain.centre && value < *m_domain.centre) {
          painter.setPen(QPen(inkOn(QColor::fromRgb(colourOf(value))), 1));
          painter.drawLine(rect.bottomLeft(), rect.topRight());
        }
      }
    }
}

/// Cells on their way: each in its row, between the place it had and the one it gets.
void HeatmapScene::paintSliding(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const HeatmapSpec& spec = m_data->spec;
  painter.setClipRect(m_plot);
  painter.setFont(theme.font(TextSize::Note));
  const QFontMetricsF metrics(painter.font());
  const double pitch = m_plot.width() / m_grid.columns;
  for (int row = 0; row < m_grid.rows; ++row)
    for (int column = 0; column < m_grid.columns; ++column) {
      const int item = m_data->itemAtPlace(m_range.firstRow + row, m_range.firstColumn + column);
      if (item < 0)
        continue;
      const auto at = static_cast<std::size_t>(item);
      const double behind = (m_from[at] - m_data->place(item)) * pitch * (1 - m_slide);
      const QRectF rect = drawnRect(row, column).translated(behind, 0);
      const bool left = !spec.filtered.empty() && spec.filtered[at];
      const QColor ground = left ? theme.color(Ink::FilteredOut)
                            : std::isnan(spec.values[at])
                                ? theme.color(Ink::NoData)
                                : QColor::fromRgb(colourOf(spec.values[at]));
      painter.fillRect(rect, ground);
      const QString text =
          spec.numbers ? spec.columnTicks.value(item % m_data->columns) : QString();
      if (!text.isEmpty() && metrics.horizontalAdvance(text) <= rect.width() - 2 &&
          rect.height() >= metrics.height()) {
        painter.setPen(left ? theme.color(Ink::TextMuted) : inkOn(ground));
        painter.drawText(rect, Qt::AlignCenter, text);
      }
    }
  painter.setClipping(false);
}

void HeatmapScene::paintInside(QPainter& painter) const {
  const HeatmapSpec& spec = m_data->spec;
  if (m_rowBin > 1 || m_columnBin > 1)
    return;
  const Theme& theme = Theme::instance();
  const bool texts = spec.numbers || spec.cellValues;
  const QFont font = theme.font(TextSize::Note);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF sample = drawnRect(0, 0);
  const bool room = sample.width() >= theme.px(20) - 1 && sample.height() >= theme.px(14) - 1;
  const bool dots = !spec.dots.empty() && std::min(sample.width(), sample.height()) >= 7;
  if (!(texts && room) && !dots)
    return;
  for (int row = 0; row < m_grid.rows; ++row)
    for (int column = 0; column < m_grid.columns; ++column) {
      const int item = m_data->itemAtPlace(m_range.firstRow + row, m_range.firstColumn + column);
      if (item < 0)
        continue;
      const auto at = static_cast<std::size_t>(item);
      const double value = spec.values[at];
      const bool left = !spec.filtered.empty() && spec.filtered[at];
      const QColor ground = left                ? theme.color(Ink::FilteredOut)
                            : std::isnan(value) ? theme.color(Ink::NoData)
                                                : QColor::fromRgb(colourOf(value));
      const QRectF rect = drawnRect(row, column);
      if (texts && room) {
        const QString text = spec.numbers ? spec.columnTicks.value(item % m_data->columns)
                                          : valueText(value, spec.format);
        if (metrics.horizontalAdvance(text) <= rect.width() - 2) {
          painter.setPen(left ? theme.color(Ink::TextMuted) : inkOn(ground));
          painter.drawText(rect, Qt::AlignCenter, text);
        }
      }
      if (dots && spec.dots[at] && !left) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(inkOn(ground));
        painter.drawEllipse(rect.center(), 1.6, 1.6);
      }
    }
}

void HeatmapScene::paintStrip(QPainter& painter) const {
  const HeatmapSpec& spec = m_data->spec;
  const Theme& theme = Theme::instance();
  painter.setRenderHint(QPainter::Antialiasing, false);
  if (m_strip <= 0)
    return;
  for (int row = 0; row < m_grid.rows; ++row)
    for (int column = 0; column < m_grid.columns; ++column) {
      const int item = m_data->itemAtPlace(m_range.firstRow + row, m_range.firstColumn + column);
      if (item < 0 || spec.strip[static_cast<std::size_t>(item)] < 0)
        continue;
      const QRectF cell = drawnRect(row, column);
      painter.fillRect(QRectF(cell.left(), cell.bottom() + theme.px(2), cell.width(), m_strip),
                       theme.categorical(spec.strip[static_cast<std::size_t>(item)]));
    }
}

} // namespace switchyard::studio
