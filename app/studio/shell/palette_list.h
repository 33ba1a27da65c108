#pragma once

#include <QAbstractListModel>
#include <QStyledItemDelegate>

#include "app/studio/shell/palette_entries.h"

namespace switchyard::studio {

/// Entries with a heading row before each group.
class PaletteModel : public QAbstractListModel {
public:
  enum Roles { EntryRole = Qt::UserRole }; ///< int: index of the entry; -1 for headings

  using QAbstractListModel::QAbstractListModel;

  void show(std::vector<PaletteEntry> entries) {
    beginResetModel();
    m_entries = std::move(entries);
    m_rows.clear();
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
      if (i == 0 || m_entries[i].group != m_entries[i - 1].group)
        m_rows.push_back(-1 - static_cast<int>(i));
      m_rows.push_back(static_cast<int>(i));
    }
    endResetModel();
  }
  const std::vector<PaletteEntry>& entries() const { return m_entries; }
  /// The entry of a row; null for headings.
  const PaletteEntry* entryAt(int row) const {
    const int at = row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)] : -1;
    return at < 0 ? nullptr : &m_entries[static_cast<std::size_t>(at)];
  }
  QString headingAt(int row) const {
    return m_entries[static_cast<std::size_t>(-1 - m_rows[static_cast<std::size_t>(row)])].group;
  }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
  }
  QVariant data(const QModelIndex& index, int role) const override {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
      return {};
    const PaletteEntry* entry = entryAt(index.row());
    if (role == Qt::DisplayRole)
      return entry ? entry->title : headingAt(index.row());
    if (role == Qt::AccessibleTextRole && entry)
      return QStringList{entry->title, entry->detail, entry->keys, entry->reason}.join(' ');
    return {};
  }
  Qt::ItemFlags flags(const QModelIndex& index) const override {
    return entryAt(index.row()) ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
  }

private:
  std::vector<PaletteEntry> m_entries;
  std::vector<int> m_rows; ///< index of an entry, or -1 - index of the first one below a heading
};

/// Draws its rows: matched characters in the accent, shortcut right, impossible ones grey with the
/// reason.
class PaletteDelegate : public QStyledItemDelegate {
public:
  PaletteDelegate(const PaletteModel& model, QObject* parent)
      : QStyledItemDelegate(parent), m_model(model) {}

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;
  static int rowHeight(bool heading); ///< px at the present scale

private:
  const PaletteModel& m_model;
};

} // namespace switchyard::studio
