#include "app/studio/steer/text_table.h"

#include <algorithm>

#include <QFontMetrics>
#include <QHeaderView>
#include <QTableView>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void TextTable::setCells(const QStringList& rows, const QStringList& columns,
                         std::vector<std::vector<Cell>> cells) {
  beginResetModel();
  m_rows = rows;
  m_columns = columns;
  m_cells = std::move(cells);
  endResetModel();
}

int TextTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int TextTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant TextTable::data(const QModelIndex& index, int role) const {
  if (!index.isValid())
    return {};
  const Cell& cell =
      m_cells[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
  switch (role) {
  case Qt::DisplayRole:
    return cell.text;
  case Qt::TextAlignmentRole:
    return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
  case Qt::FontRole:
    return Theme::instance().font(TextSize::Control,
                                  cell.strong ? TextWeight::Heading : TextWeight::Normal);
  case Qt::AccessibleTextRole:
    return QString("%1, %2: %3").arg(m_rows[index.row()], m_columns[index.column()], cell.text);
  default:
    return {};
  }
}

QVariant TextTable::headerData(int section, Qt::Orientation orientation, int role) const {
  const bool across = orientation == Qt::Horizontal;
  const QStringList& names = across ? m_columns : m_rows;
  if (role == Qt::DisplayRole)
    return names.value(section);
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>((across ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

QTableView* makeTextTableView(TextTable* model, const QString& name) {
  auto* view = new QTableView;
  view->setModel(model);
  view->setAccessibleName(name);
  view->setShowGrid(false);
  view->setSelectionMode(QAbstractItemView::NoSelection);
  view->setCornerButtonEnabled(false);
  view->setEditTriggers(QAbstractItemView::NoEditTriggers);
  view->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  view->horizontalHeader()->setMinimumSectionSize(10);
  view->horizontalHeader()->setHighlightSections(false);
  view->verticalHeader()->setHighlightSections(false);
  const auto measure = [view, model] {
    const Theme& theme = Theme::instance();
    view->verticalHeader()->setDefaultSectionSize(theme.px(20));
    view->verticalHeader()->setMinimumSectionSize(theme.px(20));
    view->horizontalHeader()->setFixedHeight(theme.px(22));
    view->setStyleSheet(QString("QHeaderView::section { padding: 0 %1px; }").arg(theme.px(3)));
    const QFontMetrics metrics(theme.font(TextSize::Note));
    int widest = 0;
    for (int row = 0; row < model->rowCount(); ++row)
      widest =
          std::max(widest, metrics.horizontalAdvance(
                               model->headerData(row, Qt::Vertical, Qt::DisplayRole).toString()));
    view->verticalHeader()->setFixedWidth(widest + theme.px(10));
  };
  QObject::connect(&Theme::instance(), &Theme::changed, view, measure);
  QObject::connect(model, &QAbstractItemModel::modelReset, view, measure);
  measure();
  return view;
}

} // namespace switchyard::studio
