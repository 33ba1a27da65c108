// Lanes of a metric: of a trace in its columns, of live text token by token.

#include <algorithm>
#include <cmath>

#include <QPainter>

#include "app/studio/document/numbers.h"
#include "app/studio/live/token_metric.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

void Timeline::paintMetric(QPainter& painter, const Lanes& lanes) {
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Tick));
  for (const bool other : {false, true}) {
    const QRectF& lane = other ? lanes.other : lanes.metric;
    if (lane.isEmpty())
      continue;
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(theme.px(10), lane.top(), theme.px(66), lane.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, laneName(other));
    if (lane.height() >= theme.px(22)) {
      painter.drawText(QRectF(lane.left() - theme.px(14), lane.top() - 2, theme.px(10), 12),
                       Qt::AlignRight | Qt::AlignTop, "1");
      painter.drawText(QRectF(lane.left() - theme.px(14), lane.bottom() - 11, theme.px(10), 12),
                       Qt::AlignRight | Qt::AlignBottom, "0");
    }
  }
  if (showsLive()) {
    paintLiveMetric(painter, lanes.metric, *m_player.track(), false);
    if (hasOther())
      paintLiveMetric(painter, lanes.other, m_player.other()->track, true);
    return;
  }
  const Item* item = m_workbench.document().item(m_trace);
  if (item && item->trace && !item->trace->columns().weights) {
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(lanes.metric.adjusted(theme.px(8), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("This trace stores ids only: no gate weights."));
  }
  paintLane(painter, lanes.metric, m_lane,
            theme.isDark() ? theme.color(Ink::TextMuted) : theme.color(Ink::LineStrong));
  if (m_otherLane)
    paintLane(painter, lanes.other, *m_otherLane, theme.color(Ink::Pin));
}

void Timeline::paintLane(QPainter& painter, const QRectF& lane, const LaneReader& reader,
                         const QColor& color) {
  const auto& range = m_workbench.selection().filter().range;
  const QColor inside = Theme::instance().color(Ink::Accent);
  const std::vector<float>& values = reader.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]))
      continue;
    const auto begin = reader.range().begin(static_cast<int>(i));
    const auto end = reader.range().begin(static_cast<int>(i) + 1);
    // On whole pixels; neighbours touch where there is no room for a gap.
    const double left = std::round(xOf(static_cast<double>(begin)));
    const double room = std::round(xOf(static_cast<double>(end))) - left;
    const double wide = std::max(1.0, room >= 4 ? room - 1 : room);
    const double high = lane.height() * std::clamp(static_cast<double>(values[i]), 0.0, 1.0);
    const bool brushed = range && begin < range->second && end > range->first;
    painter.fillRect(QRectF(left, lane.bottom() - high, wide, high),
                     brushed && &reader == &m_lane ? inside : color);
  }
}

void Timeline::paintLiveMetric(QPainter& painter, const QRectF& lane, const Track& track,
                               bool other) {
  const Theme& theme = Theme::instance();
  const QColor prompt = theme.color(Ink::LineStrong);
  const QColor generated = theme.color(other ? Ink::Pin : Ink::Accent);
  const double perPixel = (m_last - m_first) / lane.width();
  const auto step = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(perPixel * 2)));
  for (std::int64_t p = std::max(track.begin(), static_cast<std::int64_t>(m_first));
       p < std::min(track.end(), static_cast<std::int64_t>(m_last) + 1); p += step) {
    double most = NAN; // of the tokens that share a bar
    for (std::int64_t q = p; q < std::min(track.end(), p + step); ++q) {
      const auto value = static_cast<double>(valueOf(TokenMetric::TopGate, track, q, std::nullopt));
      if (!(most >= value) && !std::isnan(value))
        most = value;
    }
    if (std::isnan(most))
      continue;
    const double left = std::round(xOf(static_cast<double>(p)));
    const double room = std::round(xOf(static_cast<double>(p + step))) - left;
    const double wide = std::max(1.0, room >= 4 ? room - 1 : room);
    const double high = lane.height() * std::clamp(most, 0.0, 1.0);
    painter.fillRect(QRectF(left, lane.bottom() - high, wide, high),
                     p < track.promptLength() ? prompt : generated);
  }
  const double rest = xOf(static_cast<double>(track.end()));
  if (!other && m_player.state() != PlayState::Finished && lane.right() - rest > theme.px(160)) {
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(rest + theme.px(10), lane.top(), theme.px(220), lane.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     tr("not generated yet (limit %1)")
                         .arg(grouped(m_player.reel()->request.generate.maxTokens)));
  }
}

} // namespace switchyard::studio
