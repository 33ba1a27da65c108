#pragma once

#include <vector>

#include <QImage>
#include <QScrollArea>

namespace switchyard::studio {

/// Pages of a report below each other, as wide as there is room. GUI thread.
class PagePreview : public QScrollArea {
  Q_OBJECT
public:
  explicit PagePreview(QWidget* parent = nullptr);

  /// `total`: pages of the report, which may have more than are shown.
  void setPages(std::vector<QImage> pages, int total);
  int pages() const { return static_cast<int>(m_pages.size()); }
  /// What stands there while there are no pages.
  void setHint(const QString& text);

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  class Sheet;
  void place();
  std::vector<QImage> m_pages;
  QString m_hint;
  int m_total = 0;
  Sheet* m_sheet;
};

} // namespace switchyard::studio
