#include "app/studio/document/commands.h"

namespace switchyard::studio {

InsertCommand::InsertCommand(Document& document, Item item)
    : m_document(document), m_inserts(true), m_key(item.key), m_index(document.m_items.size()) {
  setText(item.path.isEmpty() ? Document::tr("Add %1").arg(item.name)
                              : Document::tr("Open %1").arg(item.name));
  m_item = std::move(item);
}

InsertCommand::InsertCommand(Document& document, ItemKey key)
    : m_document(document), m_inserts(false), m_key(key), m_index(document.indexOf(key)) {
  setText(Document::tr("Remove %1").arg(document.item(key)->name));
}

void InsertCommand::undo() {
  m_inserts ? take() : insert();
}

void InsertCommand::redo() {
  m_inserts ? insert() : take();
}

void InsertCommand::insert() {
  const ItemKind kind = m_item->kind;
  m_document.insertAt(m_index, std::move(*m_item));
  m_item.reset();
  if (m_wasCurrent)
    m_document.setCurrent(kind, m_key);
}

void InsertCommand::take() {
  m_index = m_document.indexOf(m_key);
  m_wasCurrent = m_document.current(m_document.m_items[m_index].kind) == m_key;
  m_item = m_document.takeAt(m_index);
}

RenameCommand::RenameCommand(Document& document, ItemKey key, const QString& name)
    : m_document(document), m_key(key), m_name(name) {
  setText(Document::tr("Rename %1 to %2").arg(document.item(key)->name, name));
}

void RenameCommand::swap() {
  m_document.update(m_key, [this](Item& item) { item.name.swap(m_name); });
}

RecipeCommand::RecipeCommand(Document& document, ItemKey key,
                             std::shared_ptr<const routing::Recipe> recipe, const QString& what)
    : m_document(document), m_key(key), m_recipe(std::move(recipe)) {
  setText(what);
}

void RecipeCommand::swap() {
  m_document.update(m_key, [this](Item& item) { item.recipe.swap(m_recipe); });
}

} // namespace switchyard::studio
