#include "app/studio/shell/library_model.h"

#include <algorithm>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

QString kindTitle(ItemKind kind) {
  switch (kind) {
  case ItemKind::Model:
    return LibraryModel::tr("Models");
  case ItemKind::Trace:
    return LibraryModel::tr("Traces");
  case ItemKind::Recipe:
    return LibraryModel::tr("Recipes");
  case ItemKind::PromptSet:
    return LibraryModel::tr("Prompt sets");
  case ItemKind::Result:
    return LibraryModel::tr("Results");
  }
  return {};
}

QString kindIcon(ItemKind kind) {
  switch (kind) {
  case ItemKind::Model:
    return "cpu";
  case ItemKind::Trace:
    return "soundwave";
  case ItemKind::Recipe:
    return "sliders";
  case ItemKind::PromptSet:
    return "collection";
  case ItemKind::Result:
    return "table";
  }
  return {};
}

LibraryModel::LibraryModel(Document& document, QObject* parent)
    : QAbstractItemModel(parent), m_document(document) {
  for (int kind = 0; kind < kItemKinds; ++kind)
    m_rows[static_cast<std::size_t>(kind)] = document.keys(static_cast<ItemKind>(kind));
  connect(&document, &Document::itemAdded, this, &LibraryModel::added);
  connect(&document, &Document::itemAboutToBeRemoved, this, &LibraryModel::removed);
  connect(&document, &Document::itemChanged, this, [this](int key) {
    const QModelIndex index = indexOf(key);
    if (index.isValid())
      Q_EMIT dataChanged(index, index);
  });
  connect(&document, &Document::currentChanged, this, [this](ItemKind kind) {
    const QModelIndex top = index(static_cast<int>(kind), 0);
    if (const int rows = rowCount(top); rows > 0)
      Q_EMIT dataChanged(index(0, 0, top), index(rows - 1, 0, top), {CurrentRole});
  });
}

void LibraryModel::added(ItemKey key) {
  const ItemKind kind = m_document.item(key)->kind;
  auto& rows = m_rows[static_cast<std::size_t>(kind)];
  const std::vector<ItemKey> wanted = m_document.keys(kind);
  const auto place = std::ranges::find(wanted, key) - wanted.begin();
  beginInsertRows(index(static_cast<int>(kind), 0), static_cast<int>(place),
                  static_cast<int>(place));
  rows.insert(rows.begin() + place, key);
  endInsertRows();
}

void LibraryModel::removed(ItemKey key) {
  const QModelIndex gone = indexOf(key);
  if (!gone.isValid())
    return;
  beginRemoveRows(gone.parent(), gone.row(), gone.row());
  auto& rows = m_rows[static_cast<std::size_t>(gone.parent().row())];
  rows.erase(rows.begin() + gone.row());
  endRemoveRows();
}

QModelIndex LibraryModel::indexOf(ItemKey key) const {
  for (int kind = 0; kind < kItemKinds; ++kind) {
    const auto& rows = m_rows[static_cast<std::size_t>(kind)];
    if (const auto found = std::ranges::find(rows, key); found != rows.end())
      return index(static_cast<int>(found - rows.begin()), 0, index(kind, 0));
  }
  return {};
}

// The internal id of an item is its kind + 1, that of a kind 0.
QModelIndex LibraryModel::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent))
    return {};
  return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : 0u);
}

QModelIndex LibraryModel::parent(const QModelIndex& index) const {
  if (!index.isValid() || index.internalId() == 0)
    return {};
  return createIndex(static_cast<int>(index.internalId()) - 1, 0, quintptr{0});
}

int LibraryModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid())
    return kItemKinds;
  if (parent.internalId() != 0 || parent.column() != 0)
    return 0;
  return static_cast<int>(m_rows[static_cast<std::size_t>(parent.row())].size());
}

int LibraryModel::columnCount(const QModelIndex&) const {
  return 1;
}

const Item* LibraryModel::itemAt(const QModelIndex& index) const {
  if (!index.isValid() || index.internalId() == 0)
    return nullptr;
  const auto& rows = m_rows[index.internalId() - 1];
  return m_document.item(rows[static_cast<std::size_t>(index.row())]);
}

QVariant LibraryModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid())
    return {};
  const Item* item = itemAt(index);
  if (!item) {
    if (index.internalId() != 0)
      return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
      return kindTitle(static_cast<ItemKind>(index.row()));
    if (role == Qt::FontRole)
      return Theme::instance().font(TextSize::Control, TextWeight::Title);
    return role == KeyRole ? QVariant(0) : QVariant();
  }
  switch (role) {
  case Qt::DisplayRole:
  case Qt::EditRole:
    return item->name;
  case Qt::AccessibleTextRole:
    return item->name + ", " + item->detail;
  case Qt::DecorationRole:
    return icon(kindIcon(item->kind), Ink::TextMuted);
  case Qt::ToolTipRole: {
    QStringList lines{item->name};
    for (const auto& [label, value] : item->facts)
      lines << QString("%1: %2").arg(label, value);
    return lines.join('\n');
  }
  case KeyRole:
    return item->key;
  case DetailRole:
    return item->detail;
  case CurrentRole:
    return m_document.current(item->kind) == item->key;
  default:
    return {};
  }
}

bool LibraryModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  const Item* item = itemAt(index);
  if (!item || role != Qt::EditRole)
    return false;
  const bool renamed = m_document.rename(item->key, value.toString());
  if (!renamed)
    Q_EMIT renameRefused(value.toString());
  return renamed;
}

Qt::ItemFlags LibraryModel::flags(const QModelIndex& index) const {
  Qt::ItemFlags flags = QAbstractItemModel::flags(index);
  if (itemAt(index))
    flags |= Qt::ItemIsEditable | Qt::ItemNeverHasChildren;
  return flags;
}

} // namespace switchyard::studio
