#include "app/studio/inspector/rank_table.h"

#include <algorithm>
#include <cmath>

#include <QMouseEvent>
#include <QPainter>

#include "app/studio/figures/value_text.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr int kRankHeader = 18, kRankRow = 19, kLayerColumn = 30, kNumberColumn = 40;
}

RankTable::RankTable(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench) {
  setMouseTracking(true);
  const auto repaint = [this] { update(); };
  connect(&workbench.selection(), &Selection::expertsChanged, this, repaint);
  connect(&workbench.selection(), &Selection::hoverChanged, this, repaint);
}

void RankTable::setToken(std::optional<std::int64_t> position) {
  const bool sizes = position.has_value() != m_position.has_value();
  m_position = position;
  setAccessibleName(text());
  if (sizes)
    updateGeometry();
  update();
}

int RankTable::shownRanks() const {
  const Track* track = m_player.track();
  const Theme& theme = Theme::instance();
  const int room = (width() - theme.px(kLayerColumn + 2 * kNumberColumn)) / rankWidth();
  return track ? std::clamp(room, 1, track->k()) : 0;
}

int RankTable::rankWidth() const {
  const Track* track = m_player.track();
  return Theme::instance().px(track && track->experts() > 100 ? 38 : 30);
}

QSize RankTable::sizeHint() const {
  const Theme& theme = Theme::instance();
  const Track* track = m_player.track();
  const int rows = m_position && track ? static_cast<int>(track->layers()) : 0;
  return {theme.px(220), rows == 0 ? 0 : theme.px(kRankHeader) + rows * theme.px(kRankRow)};
}

QString RankTable::text() const {
  const Track* track = m_player.track();
  if (!track || !m_position || !track->contains(*m_position))
    return {};
  QStringList lines;
  for (std::size_t layer = 0; layer < track->layers(); ++layer) {
    QString line = QString("L%1").arg(track->shape().layers[layer].layer);
    for (const std::uint16_t id : track->ids(*m_position, layer))
      if (id != trace::kNoExpert)
        line += QString(" E%1").arg(id);
    lines << line;
  }
  return lines.join('\n');
}

void RankTable::paintEvent(QPaintEvent*) {
  const Track* track = m_player.track();
  if (!track || !m_position || !track->contains(*m_position))
    return;
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Note));
  painter.setPen(theme.color(Ink::TextMuted));
  const double left = theme.px(kLayerColumn), header = theme.px(kRankHeader),
               row = theme.px(kRankRow);
  const bool margin = track->shape().logits, gate = track->shape().weights;
  const double number = theme.px(kNumberColumn);
  const int ranks = shownRanks();
  painter.drawText(QRectF(left, 0, 120, header), Qt::AlignLeft | Qt::AlignVCenter,
                   ranks < track->k() ? tr("1st to %1 of %2").arg(ordinal(ranks)).arg(track->k())
                                      : tr("1st to %1").arg(ordinal(ranks)));
  if (gate)
    painter.drawText(QRectF(width() - 2 * number, 0, number, header),
                     Qt::AlignRight | Qt::AlignVCenter, tr("gate"));
  if (margin)
    painter.drawText(QRectF(width() - number, 0, number, header), Qt::AlignRight | Qt::AlignVCenter,
                     tr("margin"));
  const auto primary = m_workbench.selection().primaryExpert();
  const auto* hovered = std::get_if<ExpertKey>(&m_workbench.selection().hover());
  for (std::size_t layer = 0; layer < track->layers(); ++layer) {
    const QRectF place(0, header + static_cast<double>(layer) * row, width(), row);
    const int stack = track->shape().layers[layer].layer;
    if (primary && primary->layer == stack)
      painter.fillRect(place, theme.color(Ink::AccentSoft));
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(place.adjusted(theme.px(4), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     QString("L%1").arg(stack));
    const auto ids = track->ids(*m_position, layer);
    for (int rank = 0; rank < ranks; ++rank) {
      const std::uint16_t id = ids[static_cast<std::size_t>(rank)];
      if (id == trace::kNoExpert)
        continue;
      const ExpertKey key{stack, id};
      const bool strong = rank == 0 || (primary && *primary == key);
      painter.setFont(
          theme.font(TextSize::Control, strong ? TextWeight::Heading : TextWeight::Normal));
      painter.setPen(theme.color(hovered && *hovered == key ? Ink::Accent
                                 : strong                   ? Ink::TextStrong
                                                            : Ink::Text));
      painter.drawText(QRectF(left + rank * rankWidth(), place.top(), rankWidth(), row),
                       Qt::AlignLeft | Qt::AlignVCenter, QString("E%1").arg(id));
    }
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(Ink::Text));
    const auto value = [&](double from, float number_) {
      if (!std::isnan(number_))
        painter.drawText(QRectF(from, place.top(), number - theme.px(3), row),
                         Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(static_cast<double>(number_), 'f', 2));
    };
    value(width() - 2 * number, track->topGate(*m_position, layer));
    value(width() - number, track->margin(*m_position, layer));
  }
}

std::optional<ExpertKey> RankTable::expertAt(QPointF at) const {
  const Track* track = m_player.track();
  const Theme& theme = Theme::instance();
  if (!track || !m_position || !track->contains(*m_position) || at.y() < theme.px(kRankHeader))
    return std::nullopt;
  const auto layer =
      static_cast<std::size_t>((at.y() - theme.px(kRankHeader)) / theme.px(kRankRow));
  const int rank = std::clamp(static_cast<int>((at.x() - theme.px(kLayerColumn)) / rankWidth()), 0,
                              std::max(0, shownRanks() - 1));
  if (layer >= track->layers())
    return std::nullopt;
  const std::uint16_t id = track->ids(*m_position, layer)[static_cast<std::size_t>(rank)];
  if (id == trace::kNoExpert)
    return std::nullopt;
  return ExpertKey{track->shape().layers[layer].layer, id};
}

void RankTable::mousePressEvent(QMouseEvent* event) {
  if (const auto expert = expertAt(event->position()))
    m_workbench.selection().select(*expert, event->modifiers() & Qt::ControlModifier
                                                ? SelectMode::Toggle
                                                : SelectMode::Replace);
}

void RankTable::mouseMoveEvent(QMouseEvent* event) {
  const auto expert = expertAt(event->position());
  m_workbench.selection().setHover(expert ? Mark(*expert) : Mark());
}

void RankTable::leaveEvent(QEvent*) {
  m_workbench.selection().setHover({});
}

} // namespace switchyard::studio
