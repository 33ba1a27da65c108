#pragma once

#include <memory>
#include <optional>

#include <QUndoCommand>

#include "app/studio/document/document.h"

namespace switchyard::studio {

/// Puts an item into the document, or takes it out: one is the undo of the other.
class InsertCommand : public QUndoCommand {
public:
  InsertCommand(Document& document, Item item);    ///< redo inserts at the end
  InsertCommand(Document& document, ItemKey key); ///< redo removes
  void undo() override;
  void redo() override;

private:
  void insert();
  void take();

  Document& m_document;
  bool m_inserts;
  ItemKey m_key;
  std::size_t m_index;
  bool m_wasCurrent = false;
  std::optional<Item> m_item; ///< while it is not in the document
};

class RenameCommand : public QUndoCommand {
public:
  RenameCommand(Document& document, ItemKey key, const QString& name);
  void undo() override { swap(); }
  void redo() override { swap(); }

private:
  void swap();
  Document& m_document;
  ItemKey m_key;
  QString m_name; ///< the one that is not in the document
};

class RecipeCommand : public QUndoCommand {
public:
  RecipeCommand(Document& document, ItemKey key, std::shared_ptr<const routing::Recipe> recipe,
                const QString& what);
  void undo() override { swap(); }
  void redo() override { swap(); }

private:
  void swap();
  Document& m_document;
  ItemKey m_key;
  std::shared_ptr<const routing::Recipe> m_recipe;
};

} // namespace switchyard::studio
