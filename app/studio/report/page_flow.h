#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QPainter>

#include "app/studio/figures/scene.h"
#include "app/studio/report/text_block.h"

namespace switchyard::studio {

/// A sheet of paper in logical pixels of 1/96 inch.
struct PageSize {
  QSizeF paper;
  QMarginsF margins;
  QRectF content() const { return QRectF(QPointF(), paper).marginsRemoved(margins); }
};

/// Fills pages from top to bottom. What is placed is painted later, page by page, as often as
/// wanted.
class PageFlow {
public:
  /// Paints with the origin at the place that it was given.
  using Paint = std::function<void(QPainter&, PaintTarget)>;

  explicit PageFlow(const PageSize& size) : m_size(size), m_pages(1) {}

  double width() const { return m_size.content().width(); }
  /// Of an empty page, and what is left of the present one.
  double pageHeight() const { return m_size.content().height(); }
  double left() const { return pageHeight() - m_y; }
  bool atTop() const { return m_y == 0; }
  void newPage();
  /// A new page unless this much is left; nothing is ever higher than a page.
  void need(double height);
  void space(double height); ///< not at the top of a page
  /// What is placed from now to endHeading() stays on one page with what comes next.
  void beginHeading();
  void endHeading();

  /// Places something that cannot be broken. Higher than the page, or than what the heading before
  /// it leaves of one: it is drawn smaller.
  void place(double height, Paint paint, double indent = 0);
  /// Places lines, broken between pages where they have to be.
  void text(const TextBlock& block, const QColor& ink, double indent = 0);

  int pages() const { return static_cast<int>(m_pages.size()); }
  const PageSize& size() const { return m_size; }
  void paint(QPainter& painter, int page, PaintTarget target) const;

private:
  struct Placed {
    QPointF at;
    double scale = 1;
    Paint paint;
  };
  struct Heading {
    std::size_t item = 0; ///< its first one on the page
    double y = 0;
    bool open = true;
  };
  PageSize m_size;
  std::optional<Heading> m_heading;
  std::vector<std::vector<Placed>> m_pages;
  double m_y = 0;
};

} // namespace switchyard::studio
