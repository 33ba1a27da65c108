#include "app/studio/report/page_flow.h"

#include <algorithm>
#include <iterator>

namespace switchyard::studio {

void PageFlow::newPage() {
  m_pages.emplace_back();
  m_y = 0;
  m_heading.reset();
}

void PageFlow::need(double height) {
  if (atTop() || std::min(height, pageHeight()) <= left())
    return;
  if (!m_heading) {
    newPage();
    return;
  }
  if (m_heading->y == 0)
    return; // the heading has the page already
  std::vector<Placed>& page = m_pages.back();
  const auto first = page.begin() + static_cast<std::ptrdiff_t>(m_heading->item);
  std::vector<Placed> moved(std::make_move_iterator(first), std::make_move_iterator(page.end()));
  page.erase(first, page.end());
  const double y = m_heading->y;
  for (Placed& each : moved)
    each.at.ry() -= y;
  m_pages.push_back(std::move(moved));
  m_y -= y;
  m_heading->item = 0;
  m_heading->y = 0;
}

void PageFlow::space(double height) {
  if (!atTop())
    m_y = std::min(m_y + height, pageHeight());
}

void PageFlow::beginHeading() {
  m_heading = Heading{m_pages.back().size(), m_y, true};
}

void PageFlow::endHeading() {
  if (m_heading)
    m_heading->open = false;
}

void PageFlow::place(double height, Paint paint, double indent) {
  need(height);
  const double scale = std::min(1.0, std::max(left(), 1.0) / std::max(height, 1.0));
  m_pages.back().push_back({QPointF(indent, m_y), scale, std::move(paint)});
  m_y += height * scale;
  if (m_heading && !m_heading->open)
    m_heading.reset();
}

void PageFlow::text(const TextBlock& block, const QColor& ink, double indent) {
  for (int first = 0; first < block.lines();) {
    need(block.lineBottom(first) - block.lineTop(first));
    int end = first + 1;
    while (end < block.lines() && block.lineBottom(end) - block.lineTop(first) <= left())
      ++end;
    place(
        block.lineBottom(end - 1) - block.lineTop(first),
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
