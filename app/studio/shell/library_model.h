#pragma once

#include <array>
#include <vector>

#include <QAbstractItemModel>

#include "app/studio/document/document.h"

namespace switchyard::studio {

/// The document as a tree of two levels: kinds, and their items. Items can be renamed in place.
/// GUI thread.
class LibraryModel : public QAbstractItemModel {
  Q_OBJECT
public:
  enum Roles {
    KeyRole = Qt::UserRole, ///< int; 0 for kinds
    DetailRole,             ///< the muted text at the right
    CurrentRole             ///< bool: views work with it
  };

  explicit LibraryModel(Document& document, QObject* parent = nullptr);

  QModelIndex indexOf(ItemKey key) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& index) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
  /// A new name was refused: empty, or taken.
  void renameRefused(const QString& name);

private:
  void added(ItemKey key);
  void removed(ItemKey key);
  const Item* itemAt(const QModelIndex& index) const;

  Document& m_document;
  std::array<std::vector<ItemKey>, kItemKinds> m_rows; ///< as shown, by kind
};

/// "Models", "Traces", ...
QString kindTitle(ItemKind kind);
/// Name of the icon of a kind.
QString kindIcon(ItemKind kind);

} // namespace switchyard::studio
