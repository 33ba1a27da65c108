// What stands around the cells of a heatmap: labels, trees, gutters, the key of the strip.

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// Every 1, 2, 4, 8 ... so that at least `smallest` px lie between two labels.
int labelStep(double pitch, double smallest) {
  int step = 1;
  while (step * pitch < smallest && step < (1 << 20))
    step *= 2;
  return step;
}

} // namespace

void HeatmapScene::paintStripKey(QPainter& painter) const {
  const HeatmapSpec& spec = m_data->spec;
  const Theme& theme = Theme::instance();
  if (spec.stripNames.isEmpty())
    return;
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
    if (!spec.rowGroups.empty() && m_rowBin == 1 &&
        spec.rowGroups[static_cast<std::size_t>(source)] >= 0)
      painter.fillRect(
          QRectF(theme.px(8), cell.center().y() - theme.px(4), theme.px(4), theme.px(8)),
          theme.categorical(spec.rowGroups[static_cast<std::size_t>(source)]));
    if (row % step != 0)
      continue;
    // A matrix has the same order down as across.
    const int labelled =
        spec.matrix ? m_data->itemAtPlace(source, source) % m_data->columns : source;
    const QString label =
        spec.matrix ? spec.columnTicks.value(labelled) : spec.rowLabels.value(source);
    painter.setPen(theme.color(spec.matrix ? Ink::TextMuted : Ink::Text));
    painter.drawText(
        QRectF(left, cell.center().y() - metrics.height(), width, 2 * metrics.height()),
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
    widest = std::max(widest, metrics.horizontalAdvance(spec.columnTicks.value(
                                  m_range.firstColumn + column * m_columnBin)));
  widest = std::min<double>(widest, theme.px(90));
  // Short labels all stand; those of a matrix in two lines.
  const bool two = spec.matrix && widest + 4 > pitch && widest + 4 <= 2 * pitch;
  const int step =
      widest + 4 <= pitch || two ? 1 : labelStep(pitch, std::max<double>(theme.px(26), widest + 6));
  for (int column = 0; column < m_grid.columns; column += step) {
    const int place = m_range.firstColumn + column * m_columnBin;
    const int item = m_data->itemAtPlace(0, place);
    const QString label = spec.columnTicks.value(item % m_data->columns);
    const QRectF cell = drawnRect(0, column);
    const double line = two ? (column % 2 ? 14 : 28) : 16;
    const double y = spec.matrix ? m_plot.top() - theme.px(line) : m_plot.bottom() + theme.px(4);
    const double width = std::max(pitch * step, widest + 4);
    painter.drawText(QRectF(cell.center().x() - width / 2, y, width, theme.px(14)),
                     Qt::AlignHCenter | Qt::AlignVCenter,
                     metrics.elidedText(label, Qt::ElideRight, width));
  }
}

void HeatmapScene::paintTrees(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  if (m_trees.empty())
    return;
  if (m_trees.size() == 1) {
    if (m_data->spec.matrix)
      paintDendrogram(painter, m_trees.front(),
                      QRectF(theme.px(6), m_plot.top(), m_leftTree - theme.px(4), m_plot.height()),
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
    painter.drawText(
        QRectF(x, m_plot.top() - m_topTree - theme.px(18), width - theme.px(4), theme.px(14)),
        (bars ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, gutter.title);
    double largest = 0;
    for (const double value : gutter.values)
      largest = std::isfinite(value) ? std::max(largest, value) : largest;
    painter.setFont(font);
    for (int row = 0; row < m_grid.rows; ++row) {
      const double value =
          gutter.values[static_cast<std::size_t>(m_range.firstRow + row * m_rowBin)];
      if (!std::isfinite(value))
        continue;
      const QRectF cell = drawnRect(row, 0);
      double textAt = x;
      if (bars && largest > 0) {
        const double length = std::max(0.0, value / largest) * theme.px(38);
        painter.fillRect(QRectF(x, cell.top(), length, cell.height()),
                         theme.color(Ink::ControlLine));
        textAt = x + length + theme.px(4);
      }
      if (row % step != 0)
        continue;
      painter.setPen(theme.color(bars ? Ink::TextMuted : Ink::Text));
      painter.drawText(QRectF(textAt, cell.center().y() - metrics.height(),
                              width - theme.px(4) - (bars ? textAt - x : 0), 2 * metrics.height()),
                       (bars ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                       QString::number(value, 'f', 2));
    }
    x += width;
  }
}

} // namespace switchyard::studio
