// The candidates' pixels.

#include <algorithm>

#include <QPainter>

#include "app/studio/live/next_tokens.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void NextTokens::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  const double side = theme.px(10);
  const NextToken* now = next();
  if (!now || now->candidates.empty()) {
    painter.setFont(theme.font(TextSize::Note));
    painter.setPen(theme.color(Ink::TextMuted));
    const bool replay = m_player.source() == PlaySource::Replay;
    painter.drawText(rect().adjusted(static_cast<int>(side), 6, -static_cast<int>(side), -6),
                     static_cast<int>(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap,
                     replay             ? tr("A trace has no candidates: they need a model.")
                     : m_player.track() ? tr("Candidates are known where the model chose.")
                                        : tr("Candidates appear when text is generated."));
    return;
  }
  const bool contrast = contrasts();
  const double numbers = theme.px(52);
  const double left = side + theme.px(50);
  painter.setFont(theme.font(TextSize::Note));
  painter.setPen(theme.color(Ink::TextMuted));
  const QRectF head(0, theme.px(2), width(), theme.px(20));
  painter.drawText(head.adjusted(side, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, tr("token"));
  if (contrast) {
    for (int column = 0; column < 3; ++column)
      painter.drawText(
          QRectF(width() - side - numbers * (3 - column), head.top(), numbers, head.height()),
          Qt::AlignRight | Qt::AlignVCenter,
          column == 0   ? tr("strong")
          : column == 1 ? tr("weak")
                        : tr("contrast"));
  } else {
    painter.drawText(QRectF(left, head.top(), 120, head.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("probability"));
  }
  for (int row = 0; row < rows(); ++row) {
    const Candidate& candidate = now->candidates[static_cast<std::size_t>(row)];
    const QRectF place = rowRect(row);
    const bool chosen = candidate.token == now->token;
    if (chosen)
      painter.fillRect(place, theme.color(Ink::AccentSoft));
    else if (row == m_hovered || (hasFocus() && row == m_current))
      painter.fillRect(place, theme.color(Ink::Hover));
    const QString piece = m_player.texts().chip(candidate.token);
    QFont font = Theme::instance().pieceFont(piece);
    font.setStrikeOut(candidate.cut);
    const QString shown = QFontMetricsF(font).elidedText(piece, Qt::ElideRight, theme.px(62));
    const double chip = QFontMetricsF(font).horizontalAdvance(shown) + theme.px(8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(Ink::Raised));
    painter.drawRoundedRect(QRectF(side - 4, place.top() + 1, chip, place.height() - 2), 3, 3);
    painter.setFont(font);
    painter.setPen(theme.color(candidate.cut ? Ink::TextMuted : Ink::TextStrong));
    painter.drawText(QRectF(side, place.top(), chip, place.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, shown);
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(candidate.cut ? Ink::TextMuted : Ink::Text));
    const QRectF value(width() - side - numbers, place.top(), numbers, place.height());
    const double p = static_cast<double>(candidate.probability);
    painter.drawText(value, Qt::AlignRight | Qt::AlignVCenter,
                     candidate.cut ? tr("cut") : probabilityText(p));
    if (contrast) {
      const auto number = [&](const std::optional<float>& known, int column) {
        painter.drawText(value.translated(-numbers * (2 - column), 0),
                         Qt::AlignRight | Qt::AlignVCenter,
                         known ? probabilityText(static_cast<double>(*known)) : QString("–"));
      };
      number(candidate.strong, 0);
      number(candidate.weak, 1);
    } else if (!candidate.cut) {
      const double barLeft = std::max(left, side + chip + theme.px(4));
      const QRectF bar(barLeft, place.center().y() - theme.px(4),
                       value.left() - barLeft - theme.px(6), theme.px(8));
      painter.fillRect(bar, theme.color(Ink::Raised));
      painter.fillRect(QRectF(bar.left(), bar.top(), std::max(1.0, bar.width() * p), bar.height()),
                       theme.color(Ink::Accent));
    }
  }
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

} // namespace switchyard::studio
