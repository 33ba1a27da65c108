#include "app/studio/shell/reorder_list.h"

#include <QDropEvent>
#include <QKeyEvent>
#include <QPainter>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kRowHeight = 41;

} // namespace

ReorderList::ReorderList(QWidget* parent) : QListView(parent) {
  setSelectionMode(SingleSelection);
  setDragEnabled(true);
  setAcceptDrops(true);
  setDropIndicatorShown(true);
  setDragDropMode(InternalMove);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, &QListView::doItemsLayout);
}

void ReorderList::keyPressEvent(QKeyEvent* event) {
  const bool up = event->key() == Qt::Key_Up, down = event->key() == Qt::Key_Down;
  if (event->modifiers() == Qt::AltModifier && (up || down)) {
    moveCurrent(up ? -1 : 1);
  } else if (event->key() == Qt::Key_Delete) {
    removeCurrent();
  } else {
    QListView::keyPressEvent(event);
    return;
  }
  event->accept();
}

void ReorderList::dropEvent(QDropEvent* event) {
  const int from = currentIndex().row();
  const QPoint at = event->position().toPoint();
  const QModelIndex under = indexAt(at);
  int to = model()->rowCount();
  if (under.isValid())
    to = under.row() + (at.y() > visualRect(under).center().y() ? 1 : 0);
  if (to > from)
    --to;
  // The document moves the row: nothing is left for the view to remove.
  event->setDropAction(Qt::CopyAction);
  event->accept();
  stopAutoScroll();
  setState(NoState);
  viewport()->update();
  moveRow(from, to);
}

QSize ReorderDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
  return {0, Theme::instance().px(kRowHeight)};
}

void ReorderDelegate::paintRow(QPainter& painter, const QStyleOptionViewItem& option) {
  const Theme& theme = Theme::instance();
  const QRect row = option.rect;
  if (option.state.testFlag(QStyle::State_Selected))
    painter.fillRect(row, theme.color(Ink::AccentSoft));
  else if (option.state.testFlag(QStyle::State_MouseOver))
    painter.fillRect(row, theme.color(Ink::Hover));
  painter.fillRect(QRect(row.left(), row.bottom(), row.width(), 1), theme.color(Ink::Line));
  paintGlyph(painter, row, "grip-vertical", 6, 12);
}

void ReorderDelegate::paintLines(QPainter& painter, const QRect& row, const Lines& lines) {
  const Theme& theme = Theme::instance();
  const int left = row.left() + theme.px(lines.left);
  const int width = row.right() - left - theme.px(lines.right);
  const auto line = [&](const QString& text, TextSize size, const QColor& color, double top) {
    painter.setFont(theme.font(size));
    painter.setPen(color);
    painter.drawText(QRect(left, row.top() + theme.px(top), width, theme.px(17)), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text, Qt::ElideRight, width));
  };
  line(lines.above, TextSize::Base, lines.aboveColor, 3);
  line(lines.below, TextSize::Note, lines.belowColor, 20);
}

void ReorderDelegate::paintGlyph(QPainter& painter, const QRect& row, const QString& name,
                                 double left, double size) {
  const Theme& theme = Theme::instance();
  icon(name, Ink::TextMuted)
      .paint(&painter, QRect(row.left() + theme.px(left), row.center().y() - theme.px(size / 2),
                             theme.px(size), theme.px(size)));
}

} // namespace switchyard::studio
