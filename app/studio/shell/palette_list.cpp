#include "app/studio/shell/palette_list.h"

#include <algorithm>

#include <QPainter>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// Draws runs of matched characters in the accent; returns the right end.
int paintTitle(QPainter& painter, const PaletteEntry& entry, const QRect& rect, int x, int right,
               const QColor& color) {
  const Theme& theme = Theme::instance();
  const auto isMatched = [&entry](qsizetype at) {
    return std::ranges::binary_search(entry.matched, at);
  };
  for (qsizetype begin = 0; begin < entry.title.size() && x < right;) {
    qsizetype end = begin + 1;
    while (end < entry.title.size() && isMatched(end) == isMatched(begin))
      ++end;
    const bool matched = isMatched(begin) && entry.reason.isEmpty();
    painter.setFont(theme.font(TextSize::Base, matched ? TextWeight::Heading : TextWeight::Normal));
    painter.setPen(matched ? theme.color(Ink::Accent) : color);
    const QString run = entry.title.mid(begin, end - begin);
    const int width = painter.fontMetrics().horizontalAdvance(run);
    painter.drawText(QRect(x, rect.top(), std::min(width, right - x) + 1, rect.height()),
                     Qt::AlignVCenter | Qt::TextSingleLine, run);
    x += width;
    begin = end;
  }
  return x;
}

} // namespace

int PaletteDelegate::rowHeight(bool heading) {
  return Theme::instance().px(heading ? 26 : 30);
}

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
  return {10, rowHeight(!m_model.entryAt(index.row()))};
}

void PaletteDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
  const Theme& theme = Theme::instance();
  const PaletteEntry* entry = m_model.entryAt(index.row());
  const int side = theme.px(12);
  painter->save();
  if (!entry) {
    painter->setFont(theme.font(TextSize::Note, TextWeight::Heading));
    painter->setPen(theme.color(Ink::TextMuted));
    painter->drawText(option.rect.adjusted(side, 0, 0, 0), Qt::AlignVCenter,
                      m_model.headingAt(index.row()));
    painter->restore();
    return;
  }
  if (option.state & QStyle::State_Selected)
    painter->fillRect(option.rect, theme.color(Ink::AccentSoft));
  const bool possible = entry->reason.isEmpty();
  const Ink ink = possible ? Ink::Text : Ink::TextDisabled;
  if (!entry->icon.isEmpty()) {
    const int size = theme.px(14);
    icon(entry->icon, possible ? Ink::TextMuted : Ink::TextDisabled)
        .paint(painter, option.rect.left() + side, option.rect.center().y() - size / 2, size, size);
  }
  int right = option.rect.right() - side;
  painter->setFont(theme.font(TextSize::Note));
  painter->setPen(theme.color(Ink::TextMuted));
  if (!entry->keys.isEmpty()) {
    painter->drawText(QRect(option.rect.left(), option.rect.top(), right - option.rect.left(),
                            option.rect.height()),
                      Qt::AlignRight | Qt::AlignVCenter, entry->keys);
    right -= painter->fontMetrics().horizontalAdvance(entry->keys) + side;
  }
  const int left = paintTitle(*painter, *entry, option.rect, option.rect.left() + theme.px(38),
                              right, theme.color(ink));
  const QString detail = possible ? entry->detail : entry->reason;
  painter->setFont(theme.font(TextSize::Note));
  painter->setPen(theme.color(Ink::TextMuted));
  const QRect rest(left + theme.px(10), option.rect.top(), right - left - theme.px(10),
                   option.rect.height());
  if (rest.width() > theme.px(30))
    painter->drawText(rest, Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(detail, Qt::ElideRight, rest.width()));
  painter->restore();
}

} // namespace switchyard::studio
