#include "app/studio/steer/step_list.h"

#include <algorithm>

#include <QApplication>
#include <QDropEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QStyleOption>
#include <QStyledItemDelegate>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kRowHeight = 41;
constexpr double kBox = 16;

QRect boxIn(const QRect& row) {
  const Theme& theme = Theme::instance();
  const int size = theme.px(kBox);
  return {row.left() + theme.px(26), row.center().y() - size / 2, size, size};
}

class StepDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {0, Theme::instance().px(kRowHeight)};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    const QRect row = option.rect;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    const bool broken = !index.data(RecipeSteps::ProblemRole).toString().isEmpty();
    if (selected)
      painter->fillRect(row, theme.color(Ink::AccentSoft));
    else if (option.state.testFlag(QStyle::State_MouseOver))
      painter->fillRect(row, theme.color(Ink::Hover));
    painter->fillRect(QRect(row.left(), row.bottom(), row.width(), 1), theme.color(Ink::Line));
    icon("grip-vertical", Ink::TextMuted)
        .paint(painter, QRect(row.left() + theme.px(6), row.center().y() - theme.px(6),
                              theme.px(12), theme.px(12)));
    QStyleOptionButton box;
    box.rect = boxIn(row);
    box.palette = option.palette;
    box.state = QStyle::State_Enabled | (on ? QStyle::State_On : QStyle::State_Off);
    const QStyle* style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_IndicatorCheckBox, &box, painter);
    const QColor muted = theme.color(selected ? Ink::Text : Ink::TextMuted);
    painter->setFont(theme.font(TextSize::Control));
    painter->setPen(muted);
    painter->drawText(QRect(row.left() + theme.px(46), row.top(), theme.px(18), row.height()),
                      Qt::AlignVCenter, QString::number(index.row() + 1));
    const int left = row.left() + theme.px(64);
    const int mark = broken ? theme.px(22) : 0;
    const int width = row.right() - left - theme.px(8) - mark;
    const auto line = [&](const QString& text, TextSize size, const QColor& color, double top) {
      painter->setFont(theme.font(size));
      painter->setPen(color);
      const QRect at(left, row.top() + theme.px(top), width, theme.px(17));
      painter->drawText(at, Qt::AlignVCenter,
                        painter->fontMetrics().elidedText(text, Qt::ElideRight, width));
    };
    line(index.data().toString(), TextSize::Base, on ? theme.color(Ink::TextStrong) : muted, 3);
    line(index.data(RecipeSteps::ScopeRole).toString(), TextSize::Note, muted, 20);
    if (broken)
      icon("exclamation-octagon", Ink::Error)
          .paint(painter, QRect(row.right() - theme.px(22), row.center().y() - theme.px(7),
                                theme.px(14), theme.px(14)));
  }
};

} // namespace

StepList::StepList(RecipeSteps& steps, QWidget* parent) : QListView(parent), m_steps(steps) {
  setModel(&steps);
  setItemDelegate(new StepDelegate(this));
  setAccessibleName(tr("Steps of the recipe"));
  setSelectionMode(SingleSelection);
  setDragEnabled(true);
  setAcceptDrops(true);
  setDropIndicatorShown(true);
  setDragDropMode(InternalMove);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, &QListView::doItemsLayout);
}

QRect StepList::checkRect(const QModelIndex& index) const {
  return boxIn(visualRect(index));
}

void StepList::setCurrentRow(int row) {
  setCurrentIndex(m_steps.index(std::clamp(row, -1, m_steps.rowCount() - 1)));
}

void StepList::moveCurrent(int by) {
  const int from = currentRow();
  const int to = from + by;
  if (from < 0 || to < 0 || to >= m_steps.rowCount())
    return;
  m_steps.moveStep(from, to);
  setCurrentRow(to);
}

void StepList::keyPressEvent(QKeyEvent* event) {
  const int row = currentRow();
  if (event->modifiers() == Qt::AltModifier &&
      (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)) {
    moveCurrent(event->key() == Qt::Key_Up ? -1 : 1);
  } else if (event->key() == Qt::Key_Space && row >= 0) {
    m_steps.setEnabled(row, currentIndex().data(Qt::CheckStateRole).toInt() != Qt::Checked);
  } else if (event->key() == Qt::Key_Delete && row >= 0) {
    m_steps.removeStep(row);
  } else {
    QListView::keyPressEvent(event);
    return;
  }
  event->accept();
}

void StepList::mousePressEvent(QMouseEvent* event) {
  const QModelIndex index = indexAt(event->position().toPoint());
  if (index.isValid() && event->button() == Qt::LeftButton &&
      checkRect(index).adjusted(-4, -4, 4, 4).contains(event->position().toPoint())) {
    m_steps.setEnabled(index.row(), index.data(Qt::CheckStateRole).toInt() != Qt::Checked);
    setCurrentIndex(index);
    return;
  }
  QListView::mousePressEvent(event);
}

void StepList::dropEvent(QDropEvent* event) {
  const int from = currentRow();
  const QPoint at = event->position().toPoint();
  const QModelIndex under = indexAt(at);
  int to = m_steps.rowCount();
  if (under.isValid())
    to = under.row() + (at.y() > visualRect(under).center().y() ? 1 : 0);
  if (to > from)
    --to;
  // The document moves the step: nothing is left for the view to remove.
  event->setDropAction(Qt::CopyAction);
  event->accept();
  stopAutoScroll();
  setState(NoState);
  viewport()->update();
  m_steps.moveStep(from, to);
  setCurrentRow(to);
}

void StepList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QListView::currentChanged(current, previous);
  Q_EMIT currentRowChanged(current.row());
}

} // namespace switchyard::studio
