#include "app/studio/views/aligned_tokens.h"

#include <algorithm>

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include "app/studio/figures/value_text.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kLowest = 0.25; ///< agreement at the low end of the underline's colours

} // namespace

AlignedTokens::AlignedTokens(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Aligned tokens, underlined by agreement"));
  connect(&Theme::instance(), &Theme::changed, this, &AlignedTokens::layoutTokens);
}

void AlignedTokens::setTokens(QStringList tokens, std::vector<float> values) {
  m_tokens = std::move(tokens);
  m_values = std::move(values);
  m_values.resize(static_cast<std::size_t>(m_tokens.size()));
  verticalScrollBar()->setValue(0);
  layoutTokens();
}

void AlignedTokens::layoutTokens() {
  const Theme& theme = Theme::instance();
  const QFontMetricsF metrics(theme.mono(TextSize::Control));
  const double left = theme.px(10), line = theme.px(24), width = viewport()->width() - theme.px(10);
  double x = left, y = theme.px(6);
  m_places.clear();
  for (const QString& token : m_tokens) {
    const double advance = std::max(4.0, metrics.horizontalAdvance(token) + 2);
    if (x > left && x + advance > width) {
      x = left;
      y += line;
    }
    m_places.emplace_back(x, y, advance, line - 4);
    x += advance + 1;
    if (token.contains(QChar(0x23CE))) {
      x = left;
      y += line;
    }
  }
  const int height = static_cast<int>(y + line);
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
  verticalScrollBar()->setSingleStep(static_cast<int>(line));
  viewport()->update();
}

void AlignedTokens::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layoutTokens();
}

void AlignedTokens::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::instance();
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), theme.color(Ink::Canvas));
  painter.setFont(theme.mono(TextSize::Control));
  const double shift = verticalScrollBar()->value();
  for (std::size_t i = 0; i < m_places.size(); ++i) {
    const QRectF place = m_places[i].translated(0, -shift);
    if (place.bottom() < 0)
      continue;
    if (place.top() > viewport()->height())
      break;
    painter.setPen(theme.color(Ink::Text));
    painter.drawText(place.adjusted(1, 0, 0, -4), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, m_tokens.at(static_cast<qsizetype>(i)));
    const double share = (static_cast<double>(m_values[i]) - kLowest) / (1 - kLowest);
    painter.fillRect(QRectF(place.left(), place.bottom() - 4, place.width(), 4), QColor::fromRgb(theme.sequential().at(share)));
  }
}

int AlignedTokens::tokenAt(const QPoint& at) const {
  const QPointF point(at.x(), at.y() + verticalScrollBar()->value());
  const auto found = std::ranges::find_if(m_places, [&](const QRectF& place) { return place.contains(point); });
  return found == m_places.end() ? -1 : static_cast<int>(found - m_places.begin());
}

void AlignedTokens::mouseReleaseEvent(QMouseEvent* event) {
  if (const int token = tokenAt(event->position().toPoint()); token >= 0)
    Q_EMIT tokenChosen(token);
}

bool AlignedTokens::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    if (const int token = tokenAt(help->pos()); token >= 0)
      QToolTip::showText(help->globalPos(), tr("token %1 \"%2\" · agreement %3, mean of layers")
                                                .arg(token)
                                                .arg(m_tokens.at(token).toHtmlEscaped(), valueText(static_cast<double>(m_values[static_cast<std::size_t>(token)]))));
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

} // namespace switchyard::studio
