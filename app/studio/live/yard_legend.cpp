#include "app/studio/live/yard_legend.h"

#include <limits>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "app/studio/figures/scale_editor.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// Draws from right to left as long as there is room.
class Tail {
public:
  Tail(QPainter& painter, QRectF area) : m_painter(painter), m_area(area) {}

  bool text(const QString& text, double before = 0) {
    const double wide = QFontMetricsF(m_painter.font()).horizontalAdvance(text) + 1;
    const QRectF place = take(wide, before);
    if (place.isEmpty())
      return false;
    m_painter.setPen(Theme::instance().color(Ink::TextMuted));
    m_painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, text);
    return true;
  }
  QRectF take(double wide, double before) {
    if (m_area.width() < wide + before)
      return {};
    const QRectF place(m_area.right() - wide, m_area.top(), wide, m_area.height());
    m_area.setRight(place.left() - before);
    return place;
  }
  double room() const { return m_area.width(); }

private:
  QPainter& m_painter;
  QRectF m_area;
};

/// "≥ 0.6" where larger values look the same.
QString endText(const ColorDomain& scale, double value, const QString& text) {
  if (value == scale.high && scale.clampsHigh)
    return QString(QChar(0x2265)) + " " + text;
  return value == scale.low && scale.clampsLow ? QString(QChar(0x2264)) + " " + text : text;
}

QString gateText(const ColorDomain& scale, double value) {
  return endText(scale, value, QString::number(value, 'g', 2));
}

QString bedText(const ColorDomain& scale, double value) {
  return endText(scale, value, value == 0 ? QString("0") : valueText(value, ValueFormat::Percent));
}

QString inverted(const ColorDomain& scale, const QString& text) {
  return scale.inverted ? YardLegend::tr("%1, inverted").arg(text) : text;
}

} // namespace

YardLegend::YardLegend() {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  setFocusPolicy(Qt::TabFocus);
  setCursor(Qt::PointingHandCursor);
  setToolTip(
      tr("Strands join the choices of equal rank of neighbouring layers: a reading aid, not a "
         "flow between experts.\nClick to change the ends of the scales"));
  setScales({});
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void YardLegend::setHistory(int tokens, bool allRanks) {
  m_history = tokens;
  m_allRanks = allRanks;
  update();
}

void YardLegend::setOther(const QString& name) {
  if (name == m_other)
    return;
  m_other = name;
  describe();
  update();
}

void YardLegend::setScales(const YardScales& scales) {
  // Some models multiply gate weights by more than 1.
  m_scales = {clampedTo(scales.gate, 0, std::numeric_limits<double>::infinity()),
              clampedTo(scales.bed, 0, 1)};
  describe();
  update();
}

void YardLegend::describe() {
  const ColorDomain& gate = m_scales.gate;
  const ColorDomain& bed = m_scales.bed;
  const QString name = tr("Legend of the yard: %1 %2 to %3, %4 %5 to %6")
                           .arg(inverted(gate, tr("gate weight")), gateText(gate, gate.low),
                                gateText(gate, gate.high), inverted(bed, tr("bed")),
                                bedText(bed, bed.low), bedText(bed, bed.high));
  setAccessibleName(m_other.isEmpty() ? name : tr("%1; B: %2").arg(name, m_other));
}

QSize YardLegend::sizeHint() const {
  return {Theme::instance().px(640), Theme::instance().px(22)};
}

QSize YardLegend::minimumSizeHint() const {
  return {Theme::instance().px(120), Theme::instance().px(22)};
}

void YardLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintParts(painter);
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(Theme::instance().color(Ink::Focus), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void YardLegend::paintParts(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Note));
  Tail tail(painter, QRectF(rect()));
  const double gap = theme.px(6), wide = theme.px(16);
  const auto line = [&](const QPen& pen, double before) {
    const QRectF place = tail.take(theme.px(20), before);
    if (place.isEmpty())
      return;
    painter.setPen(pen);
    painter.drawLine(QPointF(place.left(), place.center().y()),
                     QPointF(place.right(), place.center().y()));
  };
  if (!m_other.isEmpty()) {
    const QString name = painter.fontMetrics().elidedText(m_other, Qt::ElideRight, theme.px(110));
    if (tail.text(tr("B: %1").arg(name), gap))
      line(QPen(theme.color(Ink::Pin), 3), wide);
  }
  tail.text(m_allRanks ? tr("thin: last %1, first choice").arg(m_history)
                       : tr("lines: first choice, last %1 thin").arg(m_history),
            wide);
  if (tail.room() < theme.px(330))
    return;
  const ColorDomain& bed = m_scales.bed;
  tail.text(bedText(bed, bed.high), gap);
  if (const QRectF ramp = tail.take(theme.px(60), gap); !ramp.isEmpty())
    for (int i = 0; i < 30; ++i)
      painter.fillRect(QRectF(ramp.left() + i * ramp.width() / 30, ramp.center().y() - 4,
                              ramp.width() / 30 + 0.5, 8),
                       yard::bedColor(bed.low + (bed.high - bed.low) * i / 29, m_scales));
  tail.text(inverted(bed, tr("bed: share of last %1 tokens").arg(kBedWindow)) + " " +
                bedText(bed, bed.low),
            wide);
  if (tail.room() < theme.px(190))
    return;
  const ColorDomain& gate = m_scales.gate;
  for (const double share : {1.0, 0.5, 1.0 / 6}) {
    const double value = gate.low + (gate.high - gate.low) * share;
    tail.text(gateText(gate, share == 1 ? gate.high : value), gap);
    line(QPen(yard::strandColor(value, m_scales), yard::strandWidth(value, m_scales)), gap);
  }
  tail.text(inverted(gate, tr("gate weight")), 0);
  tail.take(0, wide);
  if (m_allRanks && tail.room() > theme.px(130))
    tail.text(tr("strands join equal ranks"), 0);
}

void YardLegend::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    edit();
}

void YardLegend::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
      event->key() == Qt::Key_Space)
    edit();
  else
    QWidget::keyPressEvent(event);
}

void YardLegend::edit() {
  auto* editor = new ScaleEditor(*this);
  editor->add(
      tr("Gate weight"), m_scales.gate, ValueFormat::Plain,
      [this](const ColorDomain& gate) { Q_EMIT gateEdited(gate); },
      [this] { Q_EMIT gateEdited(YardScales().gate); });
  editor->add(
      tr("Bed: share of last %1 tokens").arg(kBedWindow), m_scales.bed, ValueFormat::Percent,
      [this](const ColorDomain& bed) { Q_EMIT bedEdited(bed); },
      [this] { Q_EMIT bedEdited(YardScales().bed); });
  editor->open();
}

} // namespace switchyard::studio
