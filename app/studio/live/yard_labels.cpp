#include <algorithm>
#include <cmath>

#include "app/studio/live/token_texts.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio::yard {

namespace {

QString two(double value) {
  return QString::number(value, 'f', 2);
}

void paintChip(QPainter& painter, QPointF centre, const QString& piece, const QString& text) {
  const Theme& theme = Theme::instance();
  const QFont mono = Theme::instance().pieceFont(piece);
  const QFontMetricsF metrics(mono);
  const double height = theme.px(18);
  const double width = std::max<double>(height, metrics.horizontalAdvance(piece) + theme.px(8));
  const QRectF chip(centre.x() - width / 2, centre.y() - height / 2, width, height);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme.color(Ink::Raised));
  painter.drawRoundedRect(chip, 3, 3);
  painter.setPen(theme.color(Ink::TextStrong));
  painter.setFont(mono);
  painter.drawText(chip, Qt::AlignCenter, piece);
  painter.setFont(theme.font(TextSize::Note));
  painter.setPen(theme.color(Ink::TextMuted));
  painter.drawText(QRectF(chip.right() + theme.px(6), chip.top(), theme.px(300), height),
                   Qt::AlignLeft | Qt::AlignVCenter, text);
}

} // namespace

QFont labelFont(bool bold) {
  return Theme::instance().font(TextSize::Tick, bold ? TextWeight::Heading : TextWeight::Normal);
}

void paintLabels(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  painter.setPen(theme.color(Ink::TextMuted));
  painter.setFont(labelFont());
  const int layerStep = layout.layerLabelStep();
  for (int layer = 0; layer < layout.layers(); layer += layerStep) {
    const double y = layout.rowCentre(layer);
    const int stack = scene.track->shape().layers[static_cast<std::size_t>(layer)].layer;
    painter.drawText(QRectF(0, y - 8, layout.plot().left() - theme.px(6), 16),
                     Qt::AlignRight | Qt::AlignVCenter, QString("L%1").arg(stack));
  }
  if (layout.usedOnly()) {
    for (int layer = 0; layer < layout.layers(); layer += layerStep) {
      int shown = 0;
      double right = layout.plot().left();
      const int experts = scene.track->shape().layers[static_cast<std::size_t>(layer)].experts;
      for (int e = 0; e < experts; ++e)
        if (const QRectF cell = layout.cell(layer, e); !cell.isEmpty()) {
          ++shown;
          right = cell.right();
        }
      if (layout.plot().right() - right > theme.px(80))
        painter.drawText(
            QRectF(right + theme.px(8), layout.rowCentre(layer) - 8, theme.px(120), 16),
            Qt::AlignLeft | Qt::AlignVCenter, QString("%1 not used").arg(experts - shown));
    }
    return;
  }
  const int step = layout.expertLabelStep();
  for (int e = 0; e < layout.experts(); e += step)
    if (const auto x = layout.expertX(0, e))
      painter.drawText(QRectF(*x - 20, layout.tickBaseline() - theme.px(12), 40, theme.px(12)),
                       Qt::AlignHCenter | Qt::AlignBottom, QString::number(e));
}

void paintChips(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  if (!layout.hasChips())
    return;
  paintChip(painter, layout.topChip(), scene.tokenIn, scene.textIn);
  if (!scene.tokenOut.isEmpty())
    paintChip(painter, layout.bottomChip(), scene.tokenOut, scene.textOut);
}

void paintGutter(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  const Track& track = *scene.track;
  const bool entropy = track.shape().logits;
  if (!entropy && !track.shape().weights)
    return;
  const QRectF gutter = layout.gutter();
  const double left = gutter.left() + theme.px(10);
  const double bar = theme.px(28);
  const int step = layout.layerLabelStep();
  painter.setFont(labelFont());
  painter.setPen(theme.color(Ink::TextMuted));
  painter.drawText(QRectF(left, layout.tickBaseline() - theme.px(12), theme.px(64), theme.px(12)),
                   Qt::AlignLeft | Qt::AlignBottom, entropy ? "entropy" : "top-1 gate");
  const double height = std::clamp(layout.pitch() * 0.4, 2.0, static_cast<double>(theme.px(6)));
  for (int layer = 0; layer < layout.layers(); layer += layout.layersPerRow()) {
    const auto l = static_cast<std::size_t>(layer);
    const double value = entropy ? static_cast<double>(track.entropy(scene.position, l))
                                 : static_cast<double>(track.topGate(scene.position, l));
    const double y = layout.rowCentre(layer);
    painter.fillRect(QRectF(left, y - height / 2, bar, height), theme.color(Ink::Raised));
    if (std::isnan(value))
      continue;
    painter.fillRect(QRectF(left, y - height / 2, bar * std::clamp(value, 0.0, 1.0), height),
                     theme.color(Ink::TextMuted));
    if (layer % step == 0) {
      painter.setPen(theme.color(Ink::Text));
      painter.drawText(QRectF(left + bar + theme.px(4), y - 8, theme.px(32), 16),
                       Qt::AlignLeft | Qt::AlignVCenter, two(value));
    }
  }
}

void paintMarks(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  painter.setBrush(Qt::NoBrush);
  for (const RecipeMark& mark : scene.marks) {
    const QRectF cell = layout.cell(mark.cell.moeLayer, mark.cell.expert);
    if (cell.isEmpty())
      continue;
    const double side = std::min({cell.width(), cell.height(), static_cast<double>(theme.px(11))});
    const QColor ink = theme.color(Ink::Pin);
    if (mark.kind == RecipeMark::Ban) {
      const QRectF circle(cell.center() - QPointF(side, side) / 2, QSizeF(side, side));
      painter.fillRect(cell, theme.color(Ink::Canvas));
      painter.setPen(QPen(ink, 1.5));
      painter.setBrush(Qt::NoBrush);
      painter.drawEllipse(circle.adjusted(1, 1, -1, -1));
      painter.drawLine(circle.topLeft() + QPointF(side, side) * 0.25,
                       circle.bottomRight() - QPointF(side, side) * 0.25);
      continue;
    }
    const double half = std::max(2.0, side * 0.28);
    const QPointF at(cell.right() - half, cell.top() - half * 0.6);
    painter.setPen(QPen(theme.color(Ink::Canvas), 1));
    painter.setBrush(ink);
    if (mark.kind == RecipeMark::Boost)
      painter.drawPolygon(
          QPolygonF({at + QPointF(-half, half), at + QPointF(half, half), at + QPointF(0, -half)}));
    else
      painter.drawRect(QRectF(at - QPointF(half, half), QSizeF(2 * half, 2 * half)));
  }
}

void paintSelection(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  painter.setBrush(Qt::NoBrush);
  const auto outline = [&](const YardCell& cell, const QPen& pen, double grow) {
    const QRectF rect = layout.cell(cell.moeLayer, cell.expert);
    if (rect.isEmpty())
      return;
    painter.setPen(pen);
    painter.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), 2, 2);
  };
  if (scene.rowOutlined && !layout.lens().isEmpty()) {
    const QRectF row = layout.rowRect(scene.lensLayer).adjusted(-2, -1, 2, 1);
    painter.setPen(QPen(theme.color(Ink::Selection), 1.5));
    painter.drawRoundedRect(row, 2, 2);
  }
  for (const YardCell& cell : scene.set)
    if (scene.primary != cell)
      outline(cell, QPen(theme.color(Ink::Selection), 1), 1);
  if (scene.pinned) {
    QPen pen(theme.color(Ink::Pin), 2);
    pen.setDashPattern({2, 1});
    pen.setCapStyle(Qt::FlatCap);
    outline(*scene.pinned, pen, 1.5);
  }
  if (scene.primary) {
    outline(*scene.primary, QPen(theme.color(Ink::Canvas), 1), 2.5);
    outline(*scene.primary, QPen(theme.color(Ink::Selection), 2), 1);
  }
  if (scene.hovered)
    outline(*scene.hovered, QPen(theme.color(Ink::TextMuted), 1), 1.5);
}

} // namespace switchyard::studio::yard
