#include "app/studio/report/page_flow.h"

#include <algorithm>

namespace switchyard::studio {

void PageFlow::newPage() {
  m_pages.emplace_back();
  m_y = 0;
}

void PageFlow::need(double height) {
  if (!atTop() && std::min(height, pageHeight()) > left())
    newPage();
}

void PageFlow::space(double height) {
  if (!atTop())
    m_y = std::min(m_y + height, pageHeight());
}

void PageFlow::place(double height, Paint paint, double indent) {
  need(height);
  const double scale = std::min(1.0, pageHeight() / std::max(height, 1.0));
  m_pages.back().push_back({QPointF(indent, m_y), scale, std::move(paint)});
  m_y += height * scale;
}

void PageFlow::text(const TextBlock& block, const QColor& ink, double indent) {
  for (int first = 0; first < block.lines();) {
    need(block.lineBottom(first) - block.lineTop(first));
    int end = first + 1;
    while (end < block.lines() && block.lineBottom(end) - block.lineTop(first) <= left())
      ++end;
    place(block.lineBottom(end - 1) - block.lineTop(first),
          [block, ink, first, end](QPainter& painter, PaintTarget) {
            block.paint(painter, {0, 0}, ink, first, end);
          },
          indent);
    first = end;
  }
}

void PageFlow::paint(QPainter& painter, int page, PaintTarget target) const {
  const QPointF corner = m_size.content().topLeft();
  for (const Placed& placed : m_pages[static_cast<std::size_t>(page)]) {
    painter.save();
    painter.translate(corner + placed.at);
    painter.scale(placed.scale, placed.scale);
    placed.paint(painter, target);
    painter.restore();
  }
}

} // namespace switchyard::studio
