#include "app/studio/live/token_strip.h"

#include <cmath>

#include <QPainter>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

TokenStrip::TokenStrip(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench) {
  setObjectName("tokenStrip");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Tokens"));
  connect(&player, &Player::advanced, this, [this] {
    layOut();
    showCurrent();
    update();
  });
  connect(&player, &Player::reelChanged, this, &TokenStrip::restart);
  connect(&player, &Player::scalesChanged, this, [this] { update(); });
  connect(&workbench.selection(), &Selection::tokensChanged, this, [this] {
    showCurrent();
    update();
  });
  connect(&workbench.selection(), &Selection::expertsChanged, this, [this] { update(); });
  connect(&workbench.selection(), &Selection::hoverChanged, this, [this] { update(); });
  connect(&workbench.selection(), &Selection::filterChanged, this, [this] { update(); });
  connect(&Theme::instance(), &Theme::changed, this, &TokenStrip::restart);
}

void TokenStrip::setMetric(TokenMetric metric, std::optional<std::size_t> moeLayer) {
  m_metric = metric;
  m_layer = moeLayer;
  update();
}

double TokenStrip::lineHeight() const {
  return Theme::instance().px(28);
}

void TokenStrip::restart() {
  m_places.clear();
  m_begin = m_player.track() ? m_player.track()->begin() : 0;
  m_scroll = 0;
  layOut();
  showCurrent();
  update();
}

void TokenStrip::layOut() {
  const Track* track = m_player.track();
  if (!track)
    return;
  const auto count = static_cast<std::size_t>(track->end() - track->begin());
  if (m_begin != track->begin() || m_places.size() > count)
    m_places.clear();
  m_begin = track->begin();
  const Theme& theme = Theme::instance();
  const double side = theme.px(10);
  const double right = width() - side;
  Place next{0, side, 0};
  if (!m_places.empty()) {
    next = m_places.back();
    next.x += next.width;
  }
  for (std::size_t i = m_places.size(); i < count; ++i) {
    const QString& piece =
        m_player.texts().piece(track->token(m_begin + static_cast<std::int64_t>(i)));
    next.width = QFontMetricsF(Theme::instance().pieceFont(piece)).horizontalAdvance(piece) + 1;
    if (next.x + next.width > right && next.x > side) {
      ++next.line;
      next.x = side;
    }
    m_places.push_back(next);
    next.x += next.width;
  }
}

void TokenStrip::showCurrent() {
  const std::int64_t shown = m_player.shown();
  if (shown < m_begin || shown - m_begin >= static_cast<std::int64_t>(m_places.size()))
    return;
  const double top = m_places[static_cast<std::size_t>(shown - m_begin)].line * lineHeight();
  const double room = std::max(lineHeight(), std::floor(height() / lineHeight()) * lineHeight());
  if (top < m_scroll)
    m_scroll = top;
  else if (top + lineHeight() > m_scroll + room)
    m_scroll = top + lineHeight() - room;
}

QRectF TokenStrip::tokenRect(std::int64_t position) const {
  const std::int64_t index = position - m_begin;
  if (index < 0 || index >= static_cast<std::int64_t>(m_places.size()))
    return {};
  const Place& place = m_places[static_cast<std::size_t>(index)];
  const double top = place.line * lineHeight() - m_scroll + Theme::instance().px(3);
  const QRectF rect(place.x, top, place.width, lineHeight() - 2);
  return rect.bottom() < 0 || rect.top() > height() ? QRectF() : rect;
}

QColor TokenStrip::underline(std::int64_t position) const {
  const Theme& theme = Theme::instance();
  const Track& track = *m_player.track();
  const double value =
      static_cast<double>(valueOf(m_metric, track, position, m_layer, m_player.npmi()));
  if (std::isnan(value))
    return theme.color(Ink::NoData);
  const ColorDomain scale = m_player.scaleOf(m_metric);
  return (scale.isDiverging() ? theme.diverging() : theme.sequential()).at(scale.share(value));
}

void TokenStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  const Track* track = m_player.track();
  if (!track || m_places.empty())
    return;
  painter.setFont(theme.mono(TextSize::Control));
  const int firstLine = static_cast<int>(m_scroll / lineHeight());
  const int lastLine = static_cast<int>((m_scroll + height()) / lineHeight());
  const auto begin = std::ranges::lower_bound(m_places, firstLine, {}, &Place::line);
  const auto& hover = m_workbench.selection().hover();
  const auto* hovered = std::get_if<TokenKey>(&hover);
  const auto* hoveredExpert = std::get_if<ExpertKey>(&hover);
  const int expertLayer = hoveredExpert ? m_player.moeLayerOf(hoveredExpert->layer) : -1;
  const std::int64_t shown = m_player.shown();
  for (auto place = begin; place != m_places.end() && place->line <= lastLine; ++place) {
    const std::int64_t position = m_begin + (place - m_places.begin());
    const QRectF rect = tokenRect(position);
    const bool left = !m_player.passes(position);
    const bool ahead = m_player.source() == PlaySource::Replay && position > m_player.cursor();
    if (m_workbench.selection().contains(m_player.keyOf(position)))
      painter.fillRect(rect.adjusted(0, 0, 0, -theme.px(6)), theme.color(Ink::AccentSoft));
    painter.setPen(theme.color(ahead || left                      ? Ink::TextDisabled
                               : position < track->promptLength() ? Ink::TextMuted
                                                                  : Ink::TextStrong));
    const QString& piece = m_player.texts().piece(track->token(position));
    painter.setFont(theme.pieceFont(piece));
    painter.drawText(rect.adjusted(0, 0, 8, -theme.px(5)), Qt::AlignLeft | Qt::AlignVCenter, piece);
    const double thick = theme.px(4);
    painter.fillRect(QRectF(rect.left(), rect.bottom() - thick - 1, rect.width() - 1, thick),
                     left ? theme.color(Ink::FilteredLine) : underline(position));
    if (expertLayer >= 0 && track->uses(static_cast<std::size_t>(expertLayer),
                                        hoveredExpert->expert, position, position + 1) > 0)
      painter.fillRect(QRectF(rect.left(), rect.top(), rect.width() - 1, 2),
                       theme.color(Ink::TextMuted));
    if (position == shown || (hovered && m_player.keyOf(position) == *hovered)) {
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(theme.color(position == shown ? Ink::Selection : Ink::TextMuted), 1));
      painter.drawRect(rect.adjusted(-2, -1, 1, -theme.px(6)));
      if (position == shown)
        painter.drawRect(rect.adjusted(-3, -2, 2, -theme.px(6) + 1));
    }
  }
  // What comes next, dotted, until it has run.
  const NextToken* next = track->next(track->end() - 1);
  if (next && next->token >= 0 && m_player.state() != PlayState::Finished) {
    const QRectF last = tokenRect(track->end() - 1);
    const QString& piece = m_player.texts().piece(next->token);
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(piece) + 2;
    if (!last.isEmpty() && last.right() + wide < width()) {
      const QRectF rect(last.right() + 2, last.top(), wide, last.height() - theme.px(6));
      painter.setPen(theme.color(Ink::TextMuted));
      painter.drawText(rect, Qt::AlignCenter, piece);
      painter.setPen(QPen(theme.color(Ink::TextMuted), 1, Qt::DotLine));
      painter.drawLine(rect.bottomLeft() + QPointF(0, 3), rect.bottomRight() + QPointF(0, 3));
    }
  }
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.drawRect(this->rect().adjusted(1, 1, -1, -1));
  }
}

void TokenStrip::resizeEvent(QResizeEvent*) {
  restart();
}

} // namespace switchyard::studio
