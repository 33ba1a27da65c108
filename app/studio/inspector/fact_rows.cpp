#include "app/studio/inspector/fact_rows.h"

#include <algorithm>

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void FactRows::setRows(std::vector<Row> rows) {
  m_rows = std::move(rows);
  setAccessibleName(text());
  setVisible(!m_rows.empty());
  updateGeometry();
  update();
}

QString FactRows::text() const {
  QStringList lines;
  for (const Row& row : m_rows)
    lines << (row.label + " " + row.value +
              (row.pinned.isEmpty() ? QString() : " | " + row.pinned));
  return lines.join('\n');
}

double FactRows::rowHeight() const {
  return Theme::instance().px(19);
}

QSize FactRows::sizeHint() const {
  return {Theme::instance().px(200),
          static_cast<int>(static_cast<double>(m_rows.size()) * rowHeight())};
}

QSize FactRows::minimumSizeHint() const {
  return {Theme::instance().px(120), sizeHint().height()};
}

void FactRows::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Control));
  const QFontMetricsF metrics(painter.font());
  for (std::size_t i = 0; i < m_rows.size(); ++i) {
    const Row& row = m_rows[i];
    QRectF place(0, static_cast<double>(i) * rowHeight(), width(), rowHeight());
    if (!row.pinned.isEmpty()) {
      const double wide = std::max<double>(theme.px(54), metrics.horizontalAdvance(row.pinned) + 2);
      painter.setPen(theme.color(Ink::Pin));
      painter.drawText(QRectF(place.right() - wide, place.top(), wide, place.height()),
                       Qt::AlignRight | Qt::AlignVCenter, row.pinned);
      place.setRight(place.right() - wide - theme.px(8));
    }
    painter.setPen(theme.color(Ink::Text));
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, row.value);
    const double room = place.width() - metrics.horizontalAdvance(row.value) - theme.px(8);
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(row.label, Qt::ElideRight, room));
  }
}

bool FactRows::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto row = static_cast<std::size_t>(help->pos().y() / rowHeight());
    if (row < m_rows.size() && !m_rows[row].help.isEmpty())
      QToolTip::showText(help->globalPos(), m_rows[row].help, this);
    else
      QToolTip::hideText();
    return true;
  }
  return QWidget::event(event);
}

} // namespace switchyard::studio
