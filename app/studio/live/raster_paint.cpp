// The raster's pixels: its image, grid, labels and marks.

#include <algorithm>

#include <QPainter>

#include "app/studio/live/raster.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void Raster::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  const Track* track = m_player.track();
  if (!track || track->isEmpty())
    return;
  place();
  render();
  const QRectF area = plot();
  const std::int64_t firstColumn = (m_first - track->begin()) / m_perColumn;
  const std::int64_t columns =
      std::min<std::int64_t>((track->end() - m_first + m_perColumn - 1) / m_perColumn,
                             static_cast<std::int64_t>(area.width() / m_columnWidth));
  painter.drawImage(
      QRectF(area.left(), area.top(), static_cast<double>(columns) * m_columnWidth, area.height()),
      m_image,
      QRectF(static_cast<double>(firstColumn), 0, static_cast<double>(columns),
             static_cast<double>(track->layers())));
  const double high = area.height() / static_cast<double>(track->layers());
  painter.setPen(QPen(theme.color(Ink::Canvas), m_columnWidth >= 8 && high >= 8 ? 1 : 0.5));
  if (m_columnWidth >= 4)
    for (std::int64_t c = 1; c < columns; ++c) {
      const double x = area.left() + static_cast<double>(c) * m_columnWidth;
      painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
  if (high >= 4)
    for (std::size_t l = 1; l < track->layers(); ++l) {
      const double y = area.top() + static_cast<double>(l) * high;
      painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
  paintFrame(painter);
}

void Raster::paintFrame(QPainter& painter) {
  const Theme& theme = Theme::instance();
  const Track& track = *m_player.track();
  const QRectF area = plot();
  const double high = area.height() / static_cast<double>(track.layers());
  painter.setFont(theme.font(TextSize::Tick));
  painter.setPen(theme.color(Ink::TextMuted));
  int step = 1;
  while (step * high < theme.px(12))
    step *= 2;
  for (std::size_t l = 0; l < track.layers(); l += static_cast<std::size_t>(step))
    painter.drawText(QRectF(0, area.top() + (static_cast<double>(l) + 0.5) * high - 8,
                            area.left() - theme.px(6), 16),
                     Qt::AlignRight | Qt::AlignVCenter,
                     QString("L%1").arg(track.shape().layers[l].layer));
  const double below = area.bottom() + 2;
  const double text = height() - below;
  painter.drawText(QRectF(area.left(), below, 80, text), Qt::AlignLeft | Qt::AlignVCenter,
                   QString::number(m_first));
  const std::int64_t prompt = track.promptLength();
  const QRectF border = cellRect(prompt, 0);
  if (!border.isEmpty() && prompt > m_first) {
    painter.setPen(QPen(theme.color(Ink::Selection), 1.5));
    painter.drawLine(QPointF(border.left(), area.top() - 2),
                     QPointF(border.left(), area.bottom() + 2));
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(border.left() - 104, below, 100, text),
                     Qt::AlignRight | Qt::AlignVCenter, tr("prompt"));
    painter.drawText(QRectF(border.left() + 4, below, 100, text), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("generated"));
  }
  painter.setBrush(Qt::NoBrush);
  const auto* hovered = std::get_if<TokenKey>(&m_workbench.selection().hover());
  const auto column = [&](std::int64_t position, const QPen& pen) {
    const QRectF top = cellRect(position, 0);
    if (top.isEmpty())
      return;
    painter.setPen(pen);
    painter.drawRect(QRectF(top.left(), area.top() - 1, top.width() - 0.5, area.height() + 2));
  };
  if (hovered)
    if (const auto position = m_player.positionOf(*hovered))
      column(*position, QPen(theme.color(Ink::TextMuted), 1));
  if (const auto* expert = std::get_if<ExpertKey>(&m_workbench.selection().hover()))
    if (const int layer = m_player.moeLayerOf(expert->layer); layer >= 0)
      for (std::int64_t p = m_first; !cellRect(p, 0).isEmpty(); ++p)
        if (track.uses(static_cast<std::size_t>(layer), expert->expert, p, p + 1) > 0)
          painter.fillRect(QRectF(cellRect(p, 0).left(), area.top() - 3, m_columnWidth - 1, 2),
                           theme.color(Ink::TextMuted));
  const std::int64_t shown = m_player.shown();
  column(shown, QPen(theme.color(Ink::Selection), 2));
  const QRectF box = cellRect(shown, 0);
  if (!box.isEmpty() && box.left() - area.left() > 40) {
    painter.setPen(theme.color(Ink::Text));
    painter.drawText(QRectF(box.center().x() - 40, below, 80, text), Qt::AlignCenter,
                     QString::number(shown));
  }
  if (hasFocus()) {
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

} // namespace switchyard::studio
