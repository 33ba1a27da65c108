#include <algorithm>
#include <set>

#include <QCoreApplication>

#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio::yard {

std::vector<int> usedExperts(const Track& track, std::size_t layer, std::int64_t position,
                             int history) {
  std::set<int> used;
  for (std::int64_t p = std::max(track.begin(), position - history); p <= position; ++p)
    if (track.has(p))
      for (const std::uint16_t id : track.ids(p, layer))
        if (id != trace::kNoExpert)
          used.insert(id);
  return {used.begin(), used.end()};
}

std::vector<LensCell> lensCells(const YardLayout& layout, const YardScene& scene) {
  if (layout.lens().isEmpty() || !scene.track || !scene.track->contains(scene.position))
    return {};
  const Theme& theme = Theme::instance();
  const std::vector<int> used =
      usedExperts(*scene.track, static_cast<std::size_t>(scene.lensLayer), scene.position,
                  std::min(scene.history, layout.history()));
  const double width =
      std::clamp(layout.plot().width() / static_cast<double>(std::max<std::size_t>(1, used.size())),
                 static_cast<double>(theme.px(22)), static_cast<double>(theme.px(40)));
  std::vector<LensCell> cells;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const double left = layout.plot().left() + static_cast<double>(i) * width;
    if (left + width > layout.plot().right() + 1)
      break;
    cells.push_back(
        {used[i], QRectF(left, layout.lens().top() + theme.px(19), width - 1, theme.px(22))});
  }
  return cells;
}

void paintLens(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const std::vector<LensCell> cells = lensCells(layout, scene);
  if (layout.lens().isEmpty())
    return;
  const Theme& theme = Theme::instance();
  const Track& track = *scene.track;
  const auto layer = static_cast<std::size_t>(scene.lensLayer);
  const trace::LayerInfo& info = track.shape().layers[layer];
  const QRectF lens = layout.lens();
  painter.setPen(theme.color(Ink::Line));
  painter.drawLine(QPointF(0, qRound(lens.top()) + 0.5),
                   QPointF(lens.right(), qRound(lens.top()) + 0.5));
  const int history = std::min(scene.history, layout.history());
  const std::int64_t from = std::max(track.begin(), scene.position - history);
  const auto used = usedExperts(track, layer, scene.position, history);
  painter.setFont(labelFont());
  painter.setPen(theme.color(Ink::TextMuted));
  QString title = QCoreApplication::translate(
                      "Yard", "lens: %1 experts of L%2 used by the last %3 tokens, %4 not used")
                      .arg(used.size())
                      .arg(info.layer)
                      .arg(scene.position - from + 1)
                      .arg(info.experts - static_cast<int>(used.size()));
  if (cells.size() < used.size())
    title += QCoreApplication::translate("Yard", "; the first %1 shown").arg(cells.size());
  painter.drawText(
      QRectF(layout.plot().left(), lens.top() + 2, layout.plot().width(), theme.px(15)),
      Qt::AlignLeft | Qt::AlignVCenter, title);
  if (cells.empty())
    return;
  const QRectF first = cells.front().rect;
  painter.drawText(QRectF(0, first.top(), first.left() - theme.px(6), first.height()),
                   Qt::AlignRight | Qt::AlignVCenter, QString("L%1").arg(info.layer));
  const auto ids = track.ids(scene.position, layer);
  const auto weights = track.weights(scene.position, layer);
  for (const LensCell& cell : cells) {
    const auto rank = std::ranges::find(ids, static_cast<std::uint16_t>(cell.expert));
    const bool current = rank != ids.end();
    const double gate =
        !current ? 0
        : weights.empty()
            ? 1.0 / track.k()
            : static_cast<double>(weights[static_cast<std::size_t>(rank - ids.begin())]);
    const std::int64_t uses = track.uses(layer, cell.expert, from, scene.position + 1);
    const QColor fill =
        current
            ? stationColor(gate, scene.scales)
            : bedColor(static_cast<double>(uses) / static_cast<double>(scene.position - from + 1),
                       scene.scales);
    const QRect box = cell.rect.toAlignedRect(); // rounded as stations are: corners left out
    painter.fillRect(box.adjusted(1, 0, -1, 0), fill);
    painter.fillRect(box.adjusted(0, 1, 0, -1), fill);
    painter.setPen(inkOn(fill));
    painter.setFont(labelFont(true));
    painter.drawText(cell.rect, Qt::AlignCenter, QString::number(cell.expert));
    painter.setFont(labelFont());
    painter.setPen(theme.color(current ? Ink::Text : Ink::TextMuted));
    painter.drawText(
        QRectF(cell.rect.left() - 4, cell.rect.bottom() + 1, cell.rect.width() + 8, theme.px(16)),
        Qt::AlignCenter,
        current && !weights.empty() ? QString::number(gate, 'f', 2) : QString::number(uses));
  }
  const double legend = layout.gutter().left() + theme.px(10);
  painter.setPen(theme.color(Ink::Text));
  painter.drawText(QRectF(legend, first.top(), theme.px(64), first.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, weights.empty() ? "uses" : "gate");
  painter.setPen(theme.color(Ink::TextMuted));
  if (!weights.empty())
    painter.drawText(QRectF(legend, first.bottom() + 1, theme.px(64), theme.px(16)),
                     Qt::AlignLeft | Qt::AlignVCenter, "or uses");
}

} // namespace switchyard::studio::yard
