#include "app/studio/live/legends.h"

#include <QPainter>

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

} // namespace

YardLegend::YardLegend() {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  setAccessibleName(tr("Legend of the yard"));
  setToolTip(tr("Strands join the choices of equal rank of neighbouring layers: a reading aid, not a "
                "flow between experts."));
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void YardLegend::setHistory(int tokens, bool allRanks) {
  m_history = tokens;
  m_allRanks = allRanks;
  update();
}

QSize YardLegend::sizeHint() const {
  return {Theme::instance().px(640), Theme::instance().px(22)};
}

QSize YardLegend::minimumSizeHint() const {
  return {Theme::instance().px(120), Theme::instance().px(22)};
}

void YardLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = Theme::instance();
  painter.setFont(theme.font(TextSize::Note));
  Tail tail(painter, QRectF(rect()));
  const double gap = theme.px(6), wide = theme.px(16);
  const auto line = [&](double gate) {
    const QRectF place = tail.take(theme.px(20), gap);
    if (place.isEmpty())
      return;
    painter.setPen(QPen(yard::strandColor(gate), 1 + 7 * gate));
    painter.drawLine(QPointF(place.left(), place.center().y()), QPointF(place.right(), place.center().y()));
  };
  tail.text(m_allRanks ? tr("thin: last %1, first choice").arg(m_history)
                       : tr("lines: first choice, last %1 thin").arg(m_history),
            wide);
  if (tail.room() < theme.px(330))
    return;
  tail.text(tr("≥ 60 %"), gap);
  if (const QRectF ramp = tail.take(theme.px(60), gap); !ramp.isEmpty())
    for (int i = 0; i < 30; ++i)
      painter.fillRect(QRectF(ramp.left() + i * ramp.width() / 30, ramp.center().y() - 4, ramp.width() / 30 + 0.5, 8),
                       yard::bedColor(0.6 * i / 29));
  tail.text(tr("bed: share of last %1 tokens 0").arg(kBedWindow), wide);
  if (tail.room() < theme.px(190))
    return;
  const double gates[] = {0.6, 0.3, 0.1};
  for (const double gate : gates) {
    tail.text(QString::number(gate), gap);
    line(gate);
  }
  tail.text(tr("gate weight"), wide);
  if (m_allRanks && tail.room() > theme.px(130))
    tail.text(tr("strands join equal ranks"), wide);
}

} // namespace switchyard::studio
