#include "app/studio/steer/interval_plot.h"

#include <algorithm>
#include <cmath>

#include <QPainter>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kRow = 32;
constexpr double kAxis = 18;
constexpr double kTop = 4;

/// 1, 2 or 5 times a power of ten, so that about five steps fit.
double niceStep(double span) {
  const double raw = span / 5;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double share = raw / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

QString tickText(double value, double step) {
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  QString text = QString::number(std::fabs(value), 'f', decimals);
  if (value < -step / 2)
    text.prepend(QChar(0x2212));
  else if (value > step / 2)
    text.prepend('+');
  return text;
}

} // namespace

IntervalPlot::IntervalPlot(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Difference B − A with its interval"));
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    place();
    update();
  });
}

void IntervalPlot::setRows(std::vector<IntervalRow> rows, const QString& unit) {
  m_rows = std::move(rows);
  m_unit = unit;
  double low = 0;
  double high = 0;
  QString spoken;
  for (const IntervalRow& row : m_rows) {
    spoken += row.title + ": " + (row.value.isEmpty() ? tr("not run yet") : row.value) + ". ";
    if (row.value.isEmpty())
      continue;
    low = std::min({low, row.low, row.difference});
    high = std::max({high, row.high, row.difference});
  }
  setAccessibleDescription(spoken.trimmed());
  if (high - low <= 0)
    high = low + 1;
  m_step = niceStep((high - low) * 1.2);
  m_low = std::floor(low / m_step - 0.2) * m_step;
  m_high = std::ceil(high / m_step + 0.2) * m_step;
  updateGeometry();
  place();
  update();
}

void IntervalPlot::setPlaceholder(int row, QWidget* widget) {
  if (m_placeholder != widget)
    delete m_placeholder;
  m_placeholder = widget;
  m_placeholderRow = row;
  if (widget)
    widget->setParent(this);
  place();
}

QSize IntervalPlot::sizeHint() const {
  const Theme& theme = Theme::instance();
  return {theme.px(500), theme.px(kTop + kAxis) + theme.px(kRow) * static_cast<int>(m_rows.size())};
}

double IntervalPlot::axisLeft() const {
  return std::min(Theme::instance().px(206), width() / 2);
}

double IntervalPlot::axisRight() const {
  return width() - Theme::instance().px(28);
}

double IntervalPlot::xOf(double value) const {
  return axisLeft() + (value - m_low) / (m_high - m_low) * (axisRight() - axisLeft());
}

int IntervalPlot::yOf(int row) const {
  const Theme& theme = Theme::instance();
  return theme.px(kTop) + theme.px(kRow) * row + theme.px(kRow) / 2;
}

void IntervalPlot::place() {
  if (!m_placeholder)
    return;
  m_placeholder->setVisible(m_placeholderRow < static_cast<int>(m_rows.size()));
  m_placeholder->adjustSize();
  const int most = width() - static_cast<int>(axisLeft()) - Theme::instance().px(8);
  m_placeholder->resize(std::min(m_placeholder->sizeHint().width(), most),
                        Theme::instance().px(24));
  m_placeholder->move(static_cast<int>(axisLeft()),
                      yOf(m_placeholderRow) - m_placeholder->height() / 2);
}

void IntervalPlot::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  place();
}

void IntervalPlot::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::instance();
  QPainter painter(this);
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  if (m_rows.empty())
    return;
  const int bottom = theme.px(kTop) + theme.px(kRow) * static_cast<int>(m_rows.size());
  const bool any =
      std::ranges::any_of(m_rows, [](const IntervalRow& row) { return !row.value.isEmpty(); });
  painter.setFont(theme.font(TextSize::Tick));
  if (any)
    for (double tick = m_low; tick <= m_high + m_step / 2; tick += m_step) {
      const bool zero = std::fabs(tick) < m_step / 2;
      const int x = qRound(xOf(tick));
      painter.fillRect(QRect(x, theme.px(kTop), zero ? 2 : 1, bottom - theme.px(kTop)),
                       theme.color(zero ? Ink::TextMuted : Ink::GridLine));
      painter.setPen(theme.color(Ink::TextMuted));
      const bool last = tick + m_step > m_high + m_step / 2;
      const QString text = tickText(tick, m_step) + (last ? " " + m_unit : QString());
      const int half = theme.px(30);
      painter.drawText(QRect(x - half, bottom, 2 * half, theme.px(kAxis)), Qt::AlignCenter, text);
    }
  painter.setRenderHint(QPainter::Antialiasing);
  for (int i = 0; i < static_cast<int>(m_rows.size()); ++i) {
    const IntervalRow& row = m_rows[static_cast<std::size_t>(i)];
    const int y = yOf(i);
    const QRect left(theme.px(10), y - theme.px(16), static_cast<int>(axisLeft()) - theme.px(16),
                     theme.px(32));
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(Ink::Text));
    if (row.value.isEmpty()) {
      painter.setPen(theme.color(Ink::TextMuted));
      painter.drawText(left, Qt::AlignVCenter, row.title);
      continue;
    }
    painter.drawText(left.adjusted(0, 0, 0, -theme.px(15)), Qt::AlignVCenter, row.title);
    painter.setFont(theme.font(TextSize::Control, TextWeight::Heading));
    painter.setPen(theme.color(Ink::TextStrong));
    painter.drawText(left.adjusted(0, theme.px(15), 0, 0), Qt::AlignVCenter, row.value);
    const QColor ink = theme.color(row.muted ? Ink::TextMuted : Ink::Accent);
    painter.setPen(QPen(ink, theme.px(2)));
    painter.drawLine(QPointF(xOf(row.low), y), QPointF(xOf(row.high), y));
    for (const double end : {row.low, row.high})
      painter.drawLine(QPointF(xOf(end), y - theme.px(4)), QPointF(xOf(end), y + theme.px(4)));
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(xOf(row.difference), y), theme.px(4.5), theme.px(4.5));
  }
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

} // namespace switchyard::studio
