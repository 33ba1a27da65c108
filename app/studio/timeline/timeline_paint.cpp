#include <algorithm>
#include <cmath>

#include <QPainter>

#include "app/studio/document/numbers.h"
#include "app/studio/live/token_metric.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

namespace {

/// 1, 2 or 5 times a power of ten: at least `least`.
double niceStep(double least) {
  const double power = std::pow(10, std::floor(std::log10(std::max(1.0, least))));
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (factor * power >= least)
      return factor * power;
  return 10 * power;
}

} // namespace

Timeline::Lanes Timeline::lanes() const {
  const Theme& theme = Theme::instance();
  const QRectF area = plot();
  Lanes lanes;
  const double axis = theme.px(20), bottom = theme.px(6);
  lanes.axis = QRectF(area.left(), theme.px(4), area.width(), axis);
  double top = lanes.axis.bottom() + 1;
  if (!showsLive() && m_index && !m_index->label().empty()) {
    lanes.labels = QRectF(area.left(), top, area.width(), theme.px(10));
    top = lanes.labels.bottom() + theme.px(3);
  }
  lanes.phases = QRectF(area.left(), height() - bottom - theme.px(4), area.width(), theme.px(4));
  lanes.metric =
      QRectF(area.left(), top, area.width(), std::max(8.0, lanes.phases.top() - theme.px(2) - top));
  if (hasOther()) {
    const double gap = theme.px(3), half = (lanes.metric.height() - gap) / 2;
    lanes.other = QRectF(area.left(), lanes.metric.bottom() - half, area.width(), half);
    lanes.metric.setHeight(half);
    // A stands above B.
    if (laneName(false).startsWith(tr("B, top-1 gate")))
      std::swap(lanes.metric, lanes.other);
  }
  return lanes;
}

QColor Timeline::labelColor(int value) const {
  const Theme& theme = Theme::instance();
  return value >= 0 && value < kLabelColors ? theme.categorical(value)
                                            : theme.color(Ink::LineStrong);
}

void Timeline::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.fillRect(rect(), theme.color(Ink::Panel));
  if (tokens() == 0) {
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(rect().adjusted(theme.px(10), 0, -theme.px(10), 0),
                     Qt::AlignVCenter | Qt::AlignLeft,
                     tr("No sequences. Sequences of the open trace appear here; drag over them to "
                        "limit all views."));
    return;
  }
  const Lanes lanes = this->lanes();
  painter.fillRect(lanes.metric, theme.color(Ink::Canvas));
  painter.fillRect(lanes.other, theme.color(Ink::Canvas));
  paintAxis(painter, lanes);
  paintLabels(painter, lanes);
  paintMetric(painter, lanes);
  paintPhases(painter, lanes);
  paintBrush(painter, lanes);
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void Timeline::paintAxis(QPainter& painter, const Lanes& lanes) {
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Tick));
  const double perPixel = (m_last - m_first) / lanes.axis.width();
  const double step = niceStep(perPixel * theme.px(90));
  for (double token = std::ceil(m_first / step) * step; token < m_last; token += step) {
    const double x = xOf(token);
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(x - 50, lanes.axis.top(), 100, lanes.axis.height()),
                     Qt::AlignHCenter | Qt::AlignVCenter, grouped(static_cast<qint64>(token)));
    painter.setPen(theme.color(Ink::GridLine));
    painter.drawLine(QPointF(x, lanes.axis.bottom()), QPointF(x, lanes.phases.bottom()));
  }
}

void Timeline::paintLabels(QPainter& painter, const Lanes& lanes) {
  if (lanes.labels.isEmpty())
    return;
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Tick));
  painter.setPen(theme.color(Ink::TextMuted));
  const QString key = QString::fromStdString(m_index->label());
  painter.drawText(QRectF(theme.px(10), lanes.labels.top() - 3, lanes.labels.left() - theme.px(18),
                          lanes.labels.height() + 6),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetricsF(painter.font()).elidedText(key, Qt::ElideRight, theme.px(70)));
  // One rectangle for neighbours of one label; what is narrower than a pixel joins its neighbour.
  std::int64_t sequence = m_index->sequenceAt(static_cast<std::int64_t>(m_first));
  double right = lanes.labels.left();
  while (sequence < m_index->sequences() &&
         static_cast<double>(m_index->start(sequence)) < m_last) {
    const int value = m_index->valueOf(sequence);
    std::int64_t end = sequence + 1;
    while (end < m_index->sequences() && m_index->valueOf(end) == value &&
           static_cast<double>(m_index->start(end)) < m_last)
      ++end;
    const double left = right;
    right = std::clamp(xOf(static_cast<double>(m_index->end(end - 1))), left, lanes.labels.right());
    if (right - left < 1 && end < m_index->sequences()) {
      // Go to the sequence at the next pixel.
      right = std::min(left + 1, lanes.labels.right());
      end = std::max(end, m_index->sequenceAt(static_cast<std::int64_t>(tokenAt(right))));
    }
    const QRectF strip(left, lanes.labels.top(), right - left, lanes.labels.height());
    const QColor fill = labelColor(value);
    painter.fillRect(strip, fill);
    if (value >= 0) {
      const QString name =
          QString::fromStdString(m_index->values()[static_cast<std::size_t>(value)]);
      if (QFontMetricsF(painter.font()).horizontalAdvance(name) + 6 < strip.width()) {
        painter.setPen(inkOn(fill));
        painter.drawText(strip, Qt::AlignCenter, name);
      }
    }
    if (right >= lanes.labels.right())
      break;
    sequence = end;
  }
}

void Timeline::paintPhases(QPainter& painter, const Lanes& lanes) {
  const Theme& theme = Theme::instance();
  const QRectF lane = lanes.phases;
  const QColor prompt = theme.color(Ink::LineStrong), generated = theme.color(Ink::Accent);
  if (showsLive()) {
    const Track& track = *m_player.track();
    const double left = std::clamp(xOf(0), lane.left(), lane.right());
    const double border = std::clamp(
        xOf(static_cast<double>(std::min(track.promptLength(), track.end()))), left, lane.right());
    const double end = std::clamp(xOf(static_cast<double>(track.end())), border, lane.right());
    painter.fillRect(QRectF(left, lane.top(), border - left, lane.height()), prompt);
    painter.fillRect(QRectF(border, lane.top(), end - border, lane.height()), generated);
    return;
  }
  if (!m_index || m_index->sequences() == 0)
    return;
  // Pixel by pixel: a trace may have more sequences than the lane has pixels.
  double start = lane.left();
  bool last = false;
  for (double x = lane.left(); x <= lane.right(); x += 1) {
    const auto token = static_cast<std::int64_t>(tokenAt(x));
    const std::int64_t sequence = m_index->sequenceAt(token);
    const bool isGenerated = token - m_index->start(sequence) >= m_index->promptLength(sequence);
    if (isGenerated != last || x + 1 > lane.right()) {
      painter.fillRect(QRectF(start, lane.top(), x - start, lane.height()),
                       last ? generated : prompt);
      start = x;
      last = isGenerated;
    }
  }
}

void Timeline::paintBrush(QPainter& painter, const Lanes& lanes) {
  const Theme& theme = Theme::instance();
  const QRectF area(lanes.axis.left(), lanes.axis.top(), lanes.axis.width(),
                    lanes.phases.bottom() - lanes.axis.top());
  painter.save();
  painter.setClipRect(area.adjusted(-6, -4, 6, 2));
  if (const auto& range = m_workbench.selection().filter().range) {
    const double left = xOf(static_cast<double>(range->first));
    const double right = xOf(static_cast<double>(range->second));
    QColor veil = theme.color(Ink::Panel);
    veil.setAlphaF(0.55f);
    painter.fillRect(
        QRectF(area.left(), area.top(), std::max(0.0, left - area.left()), area.height()), veil);
    painter.fillRect(QRectF(right, area.top(), std::max(0.0, area.right() - right), area.height()),
                     veil);
    painter.setPen(QPen(theme.color(Ink::Selection), 1.5));
    painter.drawLine(QPointF(left, area.top()), QPointF(left, area.bottom()));
    painter.drawLine(QPointF(right, area.top()), QPointF(right, area.bottom()));
    for (const double x : {left, right})
      painter.fillRect(QRectF(x - 2.5, area.center().y() - 7, 5, 14), theme.color(Ink::Selection));
  }
  const auto mark = [&](std::int64_t token, const QColor& color, bool head) {
    const double x = xOf(static_cast<double>(token) + 0.5);
    painter.setPen(QPen(color, head ? 2 : 1));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    if (!head)
      return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPolygon(QPolygonF({QPointF(x - 5, area.top() - 3), QPointF(x + 5, area.top() - 3),
                                   QPointF(x, area.top() + 4)}));
  };
  if (const auto* hovered = std::get_if<TokenKey>(&m_workbench.selection().hover())) {
    if (showsLive())
      mark(hovered->position, theme.color(Ink::TextMuted), false);
    else if (m_index && hovered->sequence < m_index->sequences())
      mark(m_index->start(hovered->sequence) + hovered->position, theme.color(Ink::TextMuted),
           false);
  }
  if (const std::int64_t at = cursor(); at >= 0)
    mark(at, theme.color(Ink::Accent), true);
  painter.restore();
}

} // namespace switchyard::studio
