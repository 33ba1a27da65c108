#include "app/studio/figures/legend.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "app/studio/figures/scale_editor.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kBarWidth = 120, kBarHeight = 7;

} // namespace

Legend::Legend(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::TabFocus);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
  setCursor(Qt::PointingHandCursor);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
  hide();
}

void Legend::setScale(const QString& measure, const ColorDomain& domain, ValueFormat format,
                      const QString& noData, const QString& dotMeaning) {
  m_measure = measure;
  m_domain = domain;
  m_format = format;
  m_noData = noData;
  m_dotMeaning = dotMeaning;
  setAccessibleName(
      tr("Colour scale: %1, %2 to %3")
          .arg(heading(), valueText(domain.low, format), valueText(domain.high, format)));
  setToolTip(tr("Click to change the ends of the scale"));
  show();
  updateGeometry();
  update();
}

void Legend::clear() {
  hide();
}

QString Legend::heading() const {
  QString text = m_measure;
  if (m_domain.scale == ScaleKind::Log2)
    text += tr(", log");
  if (m_domain.inverted)
    text += tr(", inverted");
  return text;
}

QSize Legend::sizeHint() const {
  const Theme& theme = Theme::instance();
  const QFontMetricsF metrics(theme.font(TextSize::Note));
  double width = theme.px(kBarWidth) + theme.px(44) +
                 std::min<double>(metrics.horizontalAdvance(heading()), theme.px(190));
  if (!m_noData.isEmpty())
    width += metrics.horizontalAdvance(m_noData) + theme.px(24);
  if (!m_dotMeaning.isEmpty())
    width += metrics.horizontalAdvance(m_dotMeaning) + theme.px(20);
  return {static_cast<int>(std::ceil(width)), theme.px(26)};
}

void Legend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintInto(painter, size());
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(Theme::instance().color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void Legend::paintInto(QPainter& painter, const QSizeF& size) const {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Note);
  const QFontMetricsF metrics(font), ticks(theme.font(TextSize::Tick));
  painter.setFont(font);
  painter.setPen(theme.color(Ink::TextMuted));
  const double textWidth = std::min<double>(metrics.horizontalAdvance(heading()), theme.px(190));
  painter.drawText(QRectF(0, 0, textWidth + 1, size.height()), Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(heading(), Qt::ElideMiddle, textWidth + 1));
  const QRectF bar(textWidth + theme.px(18), theme.px(4), theme.px(kBarWidth),
                   theme.px(kBarHeight));
  const ColorMap& map = m_domain.isDiverging() ? theme.diverging() : theme.sequential();
  const int steps = static_cast<int>(bar.width());
  for (int x = 0; x < steps; ++x)
    painter.fillRect(QRectF(bar.left() + x, bar.top(), 1, bar.height()),
                     QColor::fromRgb(map.at((x + 0.5) / steps)));
  painter.setPen(theme.color(Ink::LineStrong));
  painter.drawRect(bar.adjusted(-0.5, -0.5, 0, 0));
  painter.setFont(theme.font(TextSize::Tick));
  painter.setPen(theme.color(Ink::TextMuted));
  // Ends first, then what fits between them.
  std::vector<double> values = legendValues(m_domain);
  std::ranges::stable_sort(values, [&](double a, double b) {
    const auto rank = [&](double v) {
      return v == m_domain.low || v == m_domain.high      ? 0
             : v == m_domain.centre || v == m_domain.mark ? 1
                                                          : 2;
    };
    return rank(a) < rank(b);
  });
  std::vector<QRectF> taken;
  for (const double value : values) {
    QString text = valueText(
        value, m_format == ValueFormat::Signed && value == 0 ? ValueFormat::Plain : m_format);
    if (value == m_domain.low && m_domain.clampsLow)
      text.prepend(QString(QChar(0x2264)) + " ");
    if (value == m_domain.high && m_domain.clampsHigh)
      text.prepend(QString(QChar(0x2265)) + " ");
    const double at = bar.left() + std::clamp(m_domain.share(value), 0.0, 1.0) * bar.width();
    const QRectF place(at - ticks.horizontalAdvance(text) / 2 - 2, bar.bottom() + 1,
                       ticks.horizontalAdvance(text) + 4, ticks.height());
    if (std::ranges::any_of(taken, [&](const QRectF& other) { return other.intersects(place); }))
      continue;
    taken.push_back(place);
    painter.drawLine(QPointF(std::round(at), bar.bottom() - 2),
                     QPointF(std::round(at), bar.bottom() + 2));
    painter.drawText(place, Qt::AlignCenter, text);
  }
  painter.setFont(font);
  double x = bar.right() + theme.px(30);
  if (!m_dotMeaning.isEmpty()) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(theme.color(Ink::Text));
    painter.setPen(Qt::NoPen);
    painter.drawEllipse(QPointF(x, size.height() / 2.0), 1.6, 1.6);
    painter.setPen(theme.color(Ink::TextMuted));
    painter.drawText(QRectF(x + theme.px(8), 0, size.width() - x, size.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, m_dotMeaning);
    x += metrics.horizontalAdvance(m_dotMeaning) + theme.px(20);
  }
  if (!m_noData.isEmpty()) {
    painter.fillRect(QRectF(x, size.height() / 2.0 - theme.px(5), theme.px(11), theme.px(11)),
                     theme.noDataBrush());
    painter.drawText(QRectF(x + theme.px(15), 0, size.width() - x, size.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, m_noData);
  }
}

void Legend::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    edit();
}

void Legend::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
      event->key() == Qt::Key_Space)
    edit();
  else
    QWidget::keyPressEvent(event);
}

void Legend::edit() {
  auto* editor = new ScaleEditor(*this);
  editor->add(
      {}, m_domain, m_format, [this](const ColorDomain& domain) { Q_EMIT domainEdited(domain); },
      [this] { Q_EMIT domainReset(); });
  editor->open();
}

} // namespace switchyard::studio
