#include "app/studio/figures/result_table_model.h"

#include <algorithm>
#include <limits>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void ResultTableModel::setSource(std::shared_ptr<const TableSource> source) {
  beginResetModel();
  m_source = std::move(source);
  m_order.reset();
  m_muted = nullptr;
  m_sortColumn = -1;
  m_formats.clear();
  if (m_source)
    for (const trace::Column& column : m_source->columns())
      m_formats.push_back(formatFor(column.unit.empty() ? column.name : column.unit));
  endResetModel();
}

void ResultTableModel::setOrder(std::shared_ptr<const std::vector<std::uint32_t>> order) {
  const auto sizeOf = [&](const auto& shown) {
    return shown ? static_cast<std::int64_t>(shown->size()) : m_source ? m_source->rows() : 0;
  };
  if (sizeOf(order) != sizeOf(m_order)) {
    beginResetModel();
    m_order = std::move(order);
    endResetModel();
    return;
  }
  Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
  const QModelIndexList old = persistentIndexList();
  std::vector<std::int64_t> rows;
  for (const QModelIndex& index : old)
    rows.push_back(sourceRow(index.row()));
  m_order = std::move(order);
  QModelIndexList moved;
  for (qsizetype i = 0; i < old.size(); ++i)
    moved << index(rowOf(rows[static_cast<std::size_t>(i)]), old.at(i).column());
  changePersistentIndexList(old, moved);
  Q_EMIT layoutChanged({}, VerticalSortHint);
}

void ResultTableModel::setMuted(std::function<bool(std::int64_t)> muted) {
  m_muted = std::move(muted);
  if (rowCount() > 0)
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::ForegroundRole});
}

std::int64_t ResultTableModel::sourceRow(int row) const {
  return m_order ? (*m_order)[static_cast<std::size_t>(row)] : row;
}

int ResultTableModel::rowOf(std::int64_t sourceRow) const {
  if (!m_order)
    return m_source && sourceRow < m_source->rows() ? static_cast<int>(sourceRow) : -1;
  const auto found = std::ranges::find(*m_order, static_cast<std::uint32_t>(sourceRow));
  return found == m_order->end() ? -1 : static_cast<int>(found - m_order->begin());
}

int ResultTableModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || !m_source)
    return 0;
  const std::int64_t rows = m_order ? static_cast<std::int64_t>(m_order->size()) : m_source->rows();
  return static_cast<int>(std::min<std::int64_t>(rows, std::numeric_limits<int>::max()));
}

int ResultTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_source ? 0 : static_cast<int>(m_source->columns().size());
}

QVariant ResultTableModel::data(const QModelIndex& index, int role) const {
  if (role == Qt::ForegroundRole && index.isValid() && m_muted && m_muted(sourceRow(index.row())))
    return Theme::instance().color(Ink::TextMuted);
  if (!checkIndex(index, CheckIndexOption::IndexIsValid) ||
      (role != Qt::DisplayRole && role != Qt::UserRole && role != Qt::TextAlignmentRole))
    return {};
  const trace::Cell cell = m_source->cell(sourceRow(index.row()), index.column());
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        (std::holds_alternative<std::string>(cell) ? Qt::AlignLeft : Qt::AlignRight) |
        Qt::AlignVCenter);
  if (role == Qt::DisplayRole) {
    const ValueFormat format = m_formats[static_cast<std::size_t>(index.column())];
    return std::holds_alternative<std::monostate>(cell) ? QString(QChar(0x2013))
                                                        : cellText(cell, format);
  }
  if (const auto* count = std::get_if<std::int64_t>(&cell))
    return QVariant::fromValue<qlonglong>(*count);
  if (const auto* number = std::get_if<double>(&cell))
    return *number;
  if (const auto* text = std::get_if<std::string>(&cell))
    return QString::fromStdString(*text);
  return {};
}

QVariant ResultTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return QAbstractTableModel::headerData(section, orientation, role);
  if (!m_source || section < 0 || section >= columnCount())
    return {};
  const trace::Column& column = m_source->columns()[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) {
    const QString name = QString::fromStdString(column.name).replace('_', ' ');
    return withUnit(name.toStdString(), column.unit);
  }
  if (role == Qt::ToolTipRole)
    return QString::fromStdString(column.help);
  if (role == Qt::TextAlignmentRole && rowCount() > 0)
    return data(index(0, section), role);
  return {};
}

void ResultTableModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= columnCount() || (column == m_sortColumn && order == m_sortOrder))
    return;
  m_sortColumn = column;
  m_sortOrder = order;
  Q_EMIT sortWanted(column, order);
}

} // namespace switchyard::studio
