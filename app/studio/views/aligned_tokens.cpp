#include "app/studio/views/aligned_tokens.h"

#include <algorithm>

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include "app/studio/figures/cell_table.h"
#include "app/studio/figures/value_text.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kLowest = 0.25; ///< agreement at the low end of the underline's colours

} // namespace

namespace {

/// One row of tokens, each with its agreement, for screen readers.
class AlignedCells final : public CellTable {
public:
  explicit AlignedCells(const AlignedTokens& tokens) : m_tokens(tokens) {}
  QString headline() const override {
    return AlignedTokens::tr("%1 tokens, agreement as a mean of layers").arg(m_tokens.tokens());
  }
  int rows() const override { return m_tokens.tokens() > 0 ? 1 : 0; }
  int columns() const override { return m_tokens.tokens(); }
  QString rowName(int) const override { return AlignedTokens::tr("agreement"); }
  QString columnName(int column) const override {
    return AlignedTokens::tr("token %1").arg(column);
  }
  int item(int, int column) const override { return column; }
  std::pair<int, int> place(int item) const override { return {0, item}; }
  bool contains(int item) const override { return item >= 0 && item < m_tokens.tokens(); }
  QString spoken(int item) const override { return m_tokens.describe(item); }
  QString value(int item) const override { return m_tokens.describe(item); }
  QRectF rect(int item) const override { return m_tokens.tokenRect(item); }
  int itemAt(const QPointF& at) const override { return m_tokens.tokenAt(at.toPoint()); }
  bool isSelected(int) const override { return false; }
  bool isCurrent(int) const override { return false; }
  std::vector<int> selected() const override { return {}; }

private:
  const AlignedTokens& m_tokens;
};

} // namespace

AlignedTokens::AlignedTokens(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Aligned tokens, underlined by agreement"));
  new CellTableHolder(this, std::make_unique<AlignedCells>(*this));
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
  const double shift = verticalScrollBar()->value();
  for (std::size_t i = 0; i < m_places.size(); ++i) {
    const QRectF place = m_places[i].translated(0, -shift);
    if (place.bottom() < 0)
      continue;
    if (place.top() > viewport()->height())
      break;
    painter.setPen(theme.color(Ink::Text));
    painter.setFont(theme.pieceFont(m_tokens.at(static_cast<qsizetype>(i))));
    painter.drawText(place.adjusted(1, 0, 0, -4),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip,
                     m_tokens.at(static_cast<qsizetype>(i)));
    const double share = (static_cast<double>(m_values[i]) - kLowest) / (1 - kLowest);
    painter.fillRect(QRectF(place.left(), place.bottom() - 4, place.width(), 4),
                     QColor::fromRgb(theme.sequential().at(share)));
  }
}

int AlignedTokens::tokenAt(const QPoint& at) const {
  const QPointF point(at.x(), at.y() + verticalScrollBar()->value());
  const auto found =
      std::ranges::find_if(m_places, [&](const QRectF& place) { return place.contains(point); });
  return found == m_places.end() ? -1 : static_cast<int>(found - m_places.begin());
}

QString AlignedTokens::describe(int token) const {
  return tr("token %1 \"%2\" · agreement %3, mean of layers")
      .arg(token)
      .arg(m_tokens.at(token),
           valueText(static_cast<double>(m_values[static_cast<std::size_t>(token)])));
}

QRectF AlignedTokens::tokenRect(int token) const {
  return m_places[static_cast<std::size_t>(token)].translated(0, -verticalScrollBar()->value());
}

void AlignedTokens::mouseReleaseEvent(QMouseEvent* event) {
  if (const int token = tokenAt(event->position().toPoint()); token >= 0)
    Q_EMIT tokenChosen(token);
}

bool AlignedTokens::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    if (const int token = tokenAt(help->pos()); token >= 0)
      QToolTip::showText(help->globalPos(), describe(token).toHtmlEscaped());
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

} // namespace switchyard::studio
