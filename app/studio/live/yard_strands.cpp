#include <algorithm>
#include <cmath>

#include "app/studio/live/strand_mask.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio::yard {

namespace {

/// Where strand r passes a layer; nothing where there is no such choice or it is not shown.
std::optional<QPointF> stop(const YardLayout& layout, const Track& track, std::int64_t position,
                            std::size_t layer, std::size_t rank) {
  const std::uint16_t id = track.ids(position, layer)[rank];
  if (id == trace::kNoExpert)
    return std::nullopt;
  const auto row = static_cast<int>(layer);
  const std::optional<double> x = layout.expertX(row, id);
  if (!x)
    return std::nullopt;
  return QPointF(*x, layout.rowCentre(row));
}

double gateOf(const Track& track, std::int64_t position, std::size_t layer, std::size_t rank) {
  const auto weights = track.weights(position, layer);
  return weights.empty() ? 1.0 / track.k() : static_cast<double>(weights[rank]);
}

} // namespace

std::vector<Segment> tokenSegments(const YardLayout& layout, const Track& track,
                                   std::int64_t position, bool comesOut) {
  std::vector<Segment> segments;
  const bool all = layout.detail() == StrandDetail::AllRanks;
  const auto ranks = all ? static_cast<std::size_t>(track.k()) : std::size_t{1};
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    std::optional<QPointF> from;
    if (layout.hasChips())
      from = layout.topChip() + QPointF(0, 9);
    for (std::size_t layer = 0; layer < track.layers(); ++layer) {
      const std::optional<QPointF> to = stop(layout, track, position, layer, rank);
      if (from && to)
        segments.push_back({*from, *to, gateOf(track, position, layer, rank), layer});
      from = to;
    }
    if (layout.hasChips() && from && comesOut)
      segments.push_back({*from, layout.bottomChip() - QPointF(0, 9),
                          gateOf(track, position, track.layers() - 1, rank), track.layers()});
  }
  // Weak ones first, so that strong ones stay in one piece.
  std::ranges::stable_sort(segments, {}, &Segment::gate);
  return segments;
}

std::vector<Segment> firstSegments(const YardLayout& layout, const Track& track,
                                   std::int64_t position) {
  std::vector<Segment> segments;
  std::optional<QPointF> from;
  for (std::size_t layer = 0; layer < track.layers(); ++layer) {
    const std::optional<QPointF> to = stop(layout, track, position, layer, 0);
    if (from && to)
      segments.push_back({*from, *to, gateOf(track, position, layer, 0), layer});
    from = to;
  }
  return segments;
}

QPainterPath firstChoices(const YardLayout& layout, const Track& track, std::int64_t position) {
  QPainterPath path;
  for (const Segment& segment : firstSegments(layout, track, position)) {
    if (path.currentPosition() != segment.from || path.isEmpty())
      path.moveTo(segment.from);
    const double middle = (segment.from.y() + segment.to.y()) / 2;
    if (!layout.isCurved())
      path.lineTo(segment.to);
    else
      path.cubicTo(QPointF(segment.from.x(), middle), QPointF(segment.to.x(), middle), segment.to);
  }
  return path;
}

std::optional<double> firstChoiceX(const YardLayout& layout, const Track& track,
                                   std::int64_t position, double y) {
  const int above = layout.layerAt(y - layout.pitch() / 2);
  if (above < 0 || above + 1 >= static_cast<int>(track.layers()))
    return std::nullopt;
  const auto from = stop(layout, track, position, static_cast<std::size_t>(above), 0);
  const auto to = stop(layout, track, position, static_cast<std::size_t>(above) + 1, 0);
  if (!from || !to || to->y() <= from->y())
    return std::nullopt;
  const double height = std::clamp((y - from->y()) / (to->y() - from->y()), 0.0, 1.0);
  const bool curved = layout.isCurved();
  return from->x() + (to->x() - from->x()) * (curved ? strandShare(height) : height);
}

void paintStations(QPainter& painter, const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  const Track& track = *scene.track;
  const bool rounded = layout.pitch() >= 12;
  const QColor canvas = theme.color(Ink::Canvas);
  painter.setFont(labelFont(true));
  for (std::size_t layer = 0; layer < track.layers(); ++layer) {
    const auto ids = track.ids(scene.position, layer);
    for (std::size_t rank = ids.size(); rank-- > 0;) {
      if (ids[rank] == trace::kNoExpert)
        continue;
      const QRectF cell = layout.cell(static_cast<int>(layer), ids[rank]);
      if (cell.isEmpty())
        continue;
      const QColor fill = stationColor(gateOf(track, scene.position, layer, rank), scene.scales);
      const QRect box = cell.toAlignedRect();
      if (rounded) { // a halo, and corners left out
        painter.fillRect(box.adjusted(-1, -1, 1, 1), canvas);
        painter.fillRect(box.adjusted(1, 0, -1, 0), fill);
        painter.fillRect(box.adjusted(0, 1, 0, -1), fill);
      } else {
        painter.fillRect(box, fill);
      }
      if (cell.width() >= theme.px(18) && cell.height() >= theme.px(13)) {
        painter.setPen(inkOn(fill));
        painter.drawText(cell, Qt::AlignCenter, QString::number(ids[rank]));
      }
    }
  }
}

} // namespace switchyard::studio::yard
