// How a heatmap looks.

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kMostVectorCells = 20000;

/// Every 1, 2, 4, 8 ... so that at least `smallest` px lie between two labels.
int labelStep(double pitch, double smallest) {
  int step = 1;
  while (step * pitch < smallest && step < (1 << 20))
    step *= 2;
  return step;
}

} // namespace

QRgb HeatmapScene::colourOf(double value) const {
  const Theme& theme = Theme::instance();
  return (m_domain.isDiverging() ? theme.diverging() : theme.sequential()).at(m_domain.share(value));
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
      const QColor ground = left                           ? theme.color(Ink::FilteredOut)
                            : std::isnan(spec.values[at]) ? theme.color(Ink::NoData)
                                                           : QColor::fromRgb(colourOf(spec.values[at]));
      painter.fillRect(rect, ground);
      const QString text = spec.numbers ? spec.columnTicks.value(item % m_data->columns) : QString();
      if (!text.isEmpty() && metrics.horizontalAdvance(text) <= rect.width() - 2 && rect.height() >= metrics.height()) {
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
  if (m_strip > 0)
    for (int row = 0; row < m_grid.rows; ++row)
      for (int column = 0; column < m_grid.columns; ++column) {
        const int item = m_data->itemAtPlace(m_range.firstRow + row, m_range.firstColumn + column);
        if (item < 0 || spec.strip[static_cast<std::size_t>(item)] < 0)
          continue;
        const QRectF cell = drawnRect(row, column);
        painter.fillRect(QRectF(cell.left(), cell.bottom() + theme.px(2), cell.width(), m_strip),
                         theme.categorical(spec.strip[static_cast<std::size_t>(item)]));
      }
  if (spec.stripNames.isEmpty())
    return;
  // The key of the strip, along the bottom.
  const QFont font = theme.font(TextSize::Note);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const double y = m_plot.bottom() + theme.px(spec.matrix || spec.numbers ? 14 : 28);
  double x = theme.px(10);
  const auto write = [&](const QString& text) {
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QPointF(x, y + metrics.ascent()), text);
    x += metrics.horizontalAdvance(text) + theme.px(12);
  };
  write(QCoreApplication::translate("HeatmapScene", "strip: label with the highest rate"));
  for (int i = 0; i < spec.stripNames.size(); ++i) {
    painter.fillRect(QRectF(x, y + theme.px(3), theme.px(10), theme.px(10)), theme.categorical(i));
    x += theme.px(15);
    write(spec.stripNames.at(i));
  }
}

void HeatmapScene::paintAxes(QPainter& painter) const {
  const HeatmapSpec& spec = m_data->spec;
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Note);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const double pitch = m_plot.height() / m_grid.rows;
  const int step = labelStep(pitch, metrics.height());
  const double groups = spec.rowGroups.empty() ? 0 : theme.px(14);
  const double left = theme.px(10) + (spec.matrix ? m_leftTree : groups);
  const double width = m_plot.left() - theme.px(8) - left;
  for (int row = 0; row < m_grid.rows; ++row) {
    const int source = m_range.firstRow + row * m_rowBin;
    const QRectF cell = drawnRect(row, 0);
    if (!spec.rowGroups.empty() && m_rowBin == 1 && spec.rowGroups[static_cast<std::size_t>(source)] >= 0)
      painter.fillRect(QRectF(theme.px(8), cell.center().y() - theme.px(4), theme.px(4), theme.px(8)),
                       theme.categorical(spec.rowGroups[static_cast<std::size_t>(source)]));
    if (row % step != 0)
      continue;
    // A matrix has the same order down as across.
    const int labelled = spec.matrix ? m_data->itemAtPlace(source, source) % m_data->columns : source;
    const QString label = spec.matrix ? spec.columnTicks.value(labelled) : spec.rowLabels.value(source);
    painter.setPen(theme.color(spec.matrix ? Ink::TextMuted : Ink::Text));
    painter.drawText(QRectF(left, cell.center().y() - metrics.height(), width, 2 * metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(label, Qt::ElideRight, width));
  }
}

void HeatmapScene::paintColumnAxis(QPainter& painter) const {
  const HeatmapSpec& spec = m_data->spec;
  if (spec.numbers)
    return;
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(theme.color(Ink::TextMuted));
  const double pitch = m_plot.width() / m_grid.columns;
  double widest = 0;
  for (int column = 0; column < m_grid.columns; ++column)
    widest = std::max(widest, metrics.horizontalAdvance(
                                  spec.columnTicks.value(m_range.firstColumn + column * m_columnBin)));
  widest = std::min<double>(widest, theme.px(90));
  // Short labels all stand; those of a matrix in two lines.
  const bool two = spec.matrix && widest + 4 > pitch && widest + 4 <= 2 * pitch;
  const int step = widest + 4 <= pitch || two ? 1 : labelStep(pitch, std::max<double>(theme.px(26), widest + 6));
  for (int column = 0; column < m_grid.columns; column += step) {
    const int place = m_range.firstColumn + column * m_columnBin;
    const int item = m_data->itemAtPlace(0, place);
    const QString label = spec.columnTicks.value(item % m_data->columns);
    const QRectF cell = drawnRect(0, column);
    const double line = two ? (column % 2 ? 14 : 28) : 16;
    const double y = spec.matrix ? m_plot.top() - theme.px(line) : m_plot.bottom() + theme.px(4);
    const double width = std::max(pitch * step, widest + 4);
    painter.drawText(QRectF(cell.center().x() - width / 2, y, width, theme.px(14)),
                     Qt::AlignHCenter | Qt::AlignVCenter, metrics.elidedText(label, Qt::ElideRight, width));
  }
}

void HeatmapScene::paintTrees(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  if (m_trees.empty())
    return;
  if (m_trees.size() == 1) {
    if (m_data->spec.matrix)
      paintDendrogram(painter, m_trees.front(), QRectF(theme.px(6), m_plot.top(), m_leftTree - theme.px(4), m_plot.height()),
                      m_rows.first, m_rows.count, true);
    else
      paintDendrogram(painter, m_trees.front(),
                      QRectF(m_plot.left(), m_plot.top() - m_topTree, m_plot.width(), m_topTree),
                      m_columns.first, m_columns.count, false);
    return;
  }
  if (m_rowTree <= 0)
    return;
  for (int row = 0; row < m_grid.rows; ++row) {
    const QRectF cell = drawnRect(row, 0);
    paintDendrogram(painter, m_trees[static_cast<std::size_t>(m_range.firstRow + row * m_rowBin)],
                    QRectF(m_plot.left(), cell.top() - m_rowTree, m_plot.width(), m_rowTree),
                    m_columns.first, m_columns.count, false);
  }
}

void HeatmapScene::paintGutters(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const bool bars = m_data->rows > 12;
  const double width = theme.px(bars ? 76 : 52);
  const QFont font = theme.font(bars ? TextSize::Tick : TextSize::Control);
  const QFontMetricsF metrics(font);
  const int step = labelStep(m_plot.height() / m_grid.rows, metrics.height() + 4);
  double x = m_plot.right() + theme.px(8);
  for (const HeatmapGutter& gutter : m_data->spec.gutters) {
    painter.setFont(theme.font(TextSize::Note));
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(x, m_plot.top() - m_topTree - theme.px(18), width - theme.px(4), theme.px(14)),
                     (bars ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, gutter.title);
    double largest = 0;
    for (const double value : gutter.values)
      largest = std::isfinite(value) ? std::max(largest, value) : largest;
    painter.setFont(font);
    for (int row = 0; row < m_grid.rows; ++row) {
      const double value = gutter.values[static_cast<std::size_t>(m_range.firstRow + row * m_rowBin)];
      if (!std::isfinite(value))
        continue;
      const QRectF cell = drawnRect(row, 0);
      double textAt = x;
      if (bars && largest > 0) {
        const double length = std::max(0.0, value / largest) * theme.px(38);
        painter.fillRect(QRectF(x, cell.top(), length, cell.height()), theme.color(Ink::ControlLine));
        textAt = x + length + theme.px(4);
      }
      if (row % step != 0)
        continue;
      painter.setPen(theme.color(bars ? Ink::TextMuted : Ink::Text));
      painter.drawText(QRectF(textAt, cell.center().y() - metrics.height(), width - theme.px(4) - (bars ? textAt - x : 0),
                              2 * metrics.height()),
                       (bars ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                       QString::number(value, 'f', 2));
    }
    x += width;
  }
}

} // namespace switchyard::studio
