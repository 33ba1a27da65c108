#include "app/studio/report/page_preview.h"

#include <algorithm>

#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kGap = 14, kWidestPage = 860, kFooter = 28;

} // namespace

/// Draws what is near the viewport.
class PagePreview::Sheet : public QWidget {
public:
  explicit Sheet(PagePreview& owner) : m_owner(owner) {}

  double pageWidth() const {
    const Theme& theme = Theme::instance();
    return std::min<double>(width() - 2 * theme.px(kGap), theme.px(kWidestPage));
  }
  double pageHeight(const QImage& page) const {
    return pageWidth() * page.height() / std::max(1, page.width());
  }
  int wantedHeight() const {
    const Theme& theme = Theme::instance();
    double height = theme.px(kGap) + theme.px(kFooter);
    for (const QImage& page : m_owner.m_pages)
      height += pageHeight(page) + theme.px(kGap);
    return static_cast<int>(height);
  }

protected:
  void paintEvent(QPaintEvent* event) override {
    const Theme& theme = Theme::instance();
    QPainter painter(this);
    painter.fillRect(event->rect(), theme.color(Ink::Window));
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.setFont(theme.font(TextSize::Control));
    painter.setPen(theme.color(Ink::TextMuted));
    if (m_owner.m_pages.empty()) {
      painter.drawText(rect().adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap,
                       m_owner.m_hint);
      return;
    }
    const double left = (width() - pageWidth()) / 2;
    double y = theme.px(kGap);
    for (const QImage& page : m_owner.m_pages) {
      const QRectF area(left, y, pageWidth(), pageHeight(page));
      if (area.intersects(event->rect())) {
        painter.drawImage(area, page);
        painter.setPen(QPen(theme.color(Ink::LineStrong), 1));
        painter.drawRect(area);
      }
      y += area.height() + theme.px(kGap);
    }
    painter.setPen(theme.color(Ink::TextMuted));
    if (m_owner.m_total > m_owner.pages())
      painter.drawText(QRectF(0, y, width(), theme.px(kFooter)), Qt::AlignCenter,
                       PagePreview::tr("The first %1 of %2 pages; the export has all.")
                           .arg(m_owner.pages())
                           .arg(m_owner.m_total));
  }

private:
  PagePreview& m_owner;
};

PagePreview::PagePreview(QWidget* parent) : QScrollArea(parent), m_sheet(new Sheet(*this)) {
  setWidget(m_sheet);
  setWidgetResizable(false);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::StrongFocus); // keys scroll
  setAccessibleName(tr("Preview of the report"));
  connect(&Theme::instance(), &Theme::changed, this, &PagePreview::place);
}

void PagePreview::setPages(std::vector<QImage> pages, int total) {
  const int at = verticalScrollBar()->value();
  m_pages = std::move(pages);
  m_total = total;
  setAccessibleDescription(tr("%n page(s)", nullptr, total));
  place();
  verticalScrollBar()->setValue(at); // a change of a note does not lose the place
}

void PagePreview::setHint(const QString& text) {
  m_hint = text;
  m_sheet->update();
}

void PagePreview::place() {
  m_sheet->resize(viewport()->width(), m_sheet->height());
  m_sheet->resize(viewport()->width(),
                  m_pages.empty() ? viewport()->height()
                                  : std::max(m_sheet->wantedHeight(), viewport()->height()));
  m_sheet->update();
}

void PagePreview::resizeEvent(QResizeEvent* event) {
  QScrollArea::resizeEvent(event);
  place();
}

} // namespace switchyard::studio
