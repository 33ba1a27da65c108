#include "app/studio/report/text_block.h"

#include <algorithm>
#include <cmath>

#include "app/jobs/report/markup.h"

namespace switchyard::studio {

namespace {

/// Breaks the layout into lines; returns their bottoms. Stops after `most` lines if that is > 0.
std::vector<double> breakLines(QTextLayout& layout, double width, int most, bool& whole) {
  std::vector<double> ends;
  double y = 0;
  whole = true;
  layout.beginLayout();
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    if (most > 0 && static_cast<int>(ends.size()) == most) {
      whole = false;
      break;
    }
    line.setLineWidth(width);
    line.setPosition({0, y});
    y += std::ceil(line.height());
    ends.push_back(y);
  }
  layout.endLayout();
  return ends;
}

} // namespace

QString drawable(const std::string& text) {
  QString shown = QString::fromStdString(jobs::report::plainText(text));
  shown.replace('\n', QChar(QChar::LineSeparator));
  return shown;
}

TextBlock::TextBlock(const QString& text, const QFont& font, double width, Qt::Alignment alignment,
                     int mostLines)
    : m_layout(std::make_shared<QTextLayout>(text, font)) {
  QTextOption option(alignment | Qt::AlignAbsolute);
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  option.setTextDirection(Qt::LayoutDirectionAuto);
  m_layout->setTextOption(option);
  m_layout->setCacheEnabled(true);
  bool whole = true;
  m_ends = breakLines(*m_layout, width, mostLines, whole);
  if (!whole) {
    const QTextLine last = m_layout->lineAt(mostLines - 1);
    QString cut = text.left(last.textStart() + last.textLength());
    while (!cut.isEmpty()) {
      m_layout->setText(cut.trimmed() + QChar(0x2026));
      m_ends = breakLines(*m_layout, width, mostLines, whole);
      if (whole)
        break;
      cut.chop(1);
    }
  }
  for (int line = 0; line < m_layout->lineCount(); ++line)
    m_natural = std::max(m_natural, m_layout->lineAt(line).naturalTextWidth());
}

void TextBlock::paint(QPainter& painter, const QPointF& at, const QColor& ink, int first,
                      int end) const {
  if (first >= lines())
    return;
  painter.setPen(ink);
  const QPointF origin = at - QPointF(0, lineTop(first));
  for (int line = first; line < (end < 0 ? lines() : std::min(end, lines())); ++line)
    m_layout->lineAt(line).draw(&painter, origin);
}

} // namespace switchyard::studio
