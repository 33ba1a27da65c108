#include "app/studio/steer/step_list.h"

#include <algorithm>

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyleOption>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kBox = 16;

QRect boxIn(const QRect& row) {
  const Theme& theme = Theme::instance();
  const int size = theme.px(kBox);
  return {row.left() + theme.px(26), row.center().y() - size / 2, size, size};
}

class StepDelegate : public ReorderDelegate {
public:
  using ReorderDelegate::ReorderDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    const QRect row = option.rect;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    const bool broken = !index.data(RecipeSteps::ProblemRole).toString().isEmpty();
    paintRow(*painter, option);
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
    paintLines(*painter, row,
               {.above = index.data().toString(),
                .below = index.data(RecipeSteps::ScopeRole).toString(),
                .aboveColor = on ? theme.color(Ink::TextStrong) : muted,
                .belowColor = muted,
                .left = 64,
                .right = broken ? 30.0 : 8.0});
    if (broken)
      icon("exclamation-octagon", Ink::Error)
          .paint(painter, QRect(row.right() - theme.px(22), row.center().y() - theme.px(7),
                                theme.px(14), theme.px(14)));
  }
};

} // namespace

StepList::StepList(RecipeSteps& steps, QWidget* parent) : ReorderList(parent), m_steps(steps) {
  setModel(&steps);
  setItemDelegate(new StepDelegate(this));
  setAccessibleName(tr("Steps of the recipe"));
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
  moveRow(from, to);
}

void StepList::removeCurrent() {
  if (currentRow() >= 0)
    m_steps.removeStep(currentRow());
}

void StepList::moveRow(int from, int to) {
  m_steps.moveStep(from, to);
  setCurrentRow(to);
}

void StepList::keyPressEvent(QKeyEvent* event) {
  const int row = currentRow();
  if (event->key() != Qt::Key_Space || row < 0) {
    ReorderList::keyPressEvent(event);
    return;
  }
  m_steps.setEnabled(row, currentIndex().data(Qt::CheckStateRole).toInt() != Qt::Checked);
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
  ReorderList::mousePressEvent(event);
}

void StepList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  ReorderList::currentChanged(current, previous);
  Q_EMIT currentRowChanged(current.row());
}

} // namespace switchyard::studio
