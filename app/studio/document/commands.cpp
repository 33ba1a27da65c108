#include "app/studio/document/commands.h"

#include <algorithm>
#include <utility>

namespace switchyard::studio {

void JournalCommand::undo() {
  if (m_document.m_restoring)
    return;
  apply(false);
  tell();
}

void JournalCommand::redo() {
  const bool again = std::exchange(m_isDone, true);
  if (m_document.m_restoring)
    return;
  apply(true);
  if (again)
    tell();
}

void JournalCommand::tell() {
  const JournalEntry done = entry();
  Q_EMIT m_document.stepped(done.kind, done.key);
}

std::unique_ptr<JournalCommand> JournalCommand::make(Document& document,
                                                     const JournalEntry& entry) {
  switch (entry.kind) {
  case JournalEntry::Insert:
  case JournalEntry::Remove:
    return std::make_unique<InsertCommand>(document, entry);
  case JournalEntry::Rename:
    return std::make_unique<RenameCommand>(document, entry);
  case JournalEntry::EditRecipe:
    return std::make_unique<RecipeCommand>(document, entry);
  case JournalEntry::EditReport:
    return std::make_unique<ReportCommand>(document, entry);
  }
  return nullptr;
}

InsertCommand::InsertCommand(Document& document, Item item)
    : JournalCommand(document), m_inserts(true), m_key(item.key), m_index(document.m_items.size()) {
  setText(item.path.isEmpty() ? Document::tr("Add %1").arg(item.name)
                              : Document::tr("Open %1").arg(item.name));
  m_item = std::move(item);
}

InsertCommand::InsertCommand(Document& document, ItemKey key)
    : JournalCommand(document), m_inserts(false), m_key(key), m_index(document.indexOf(key)) {
  setText(Document::tr("Remove %1").arg(document.item(key)->name));
}

InsertCommand::InsertCommand(Document& document, const JournalEntry& entry)
    : JournalCommand(document), m_inserts(entry.kind == JournalEntry::Insert), m_key(entry.key),
      m_index(static_cast<std::size_t>(std::max(entry.index, 0))), m_wasCurrent(entry.wasCurrent),
      m_item(entry.item) {
  setText(entry.text);
}

JournalEntry InsertCommand::entry() const {
  JournalEntry entry;
  entry.kind = m_inserts ? JournalEntry::Insert : JournalEntry::Remove;
  entry.text = text();
  entry.key = m_key;
  entry.index = static_cast<int>(m_index);
  entry.wasCurrent = m_wasCurrent;
  entry.item = m_item;
  if (entry.item)
    entry.item->loaded.reset();
  return entry;
}

void InsertCommand::insert() {
  if (!m_item)
    return; // a damaged journal
  const ItemKind kind = m_item->kind;
  m_document.insertAt(std::min(m_index, m_document.m_items.size()), std::move(*m_item));
  m_item.reset();
  if (m_wasCurrent)
    m_document.setCurrent(kind, m_key);
}

void InsertCommand::take() {
  const std::size_t index = m_document.indexOf(m_key);
  if (index == m_document.m_items.size())
    return; // a damaged journal
  m_index = index;
  m_wasCurrent = m_document.current(m_document.m_items[m_index].kind) == m_key;
  m_item = m_document.takeAt(m_index);
}

RenameCommand::RenameCommand(Document& document, ItemKey key, const QString& name)
    : JournalCommand(document), m_key(key), m_name(name) {
  setText(Document::tr("Rename %1 to %2").arg(document.item(key)->name, name));
}

RenameCommand::RenameCommand(Document& document, const JournalEntry& entry)
    : JournalCommand(document), m_key(entry.key), m_name(entry.name) {
  setText(entry.text);
}

JournalEntry RenameCommand::entry() const {
  JournalEntry entry;
  entry.kind = JournalEntry::Rename;
  entry.text = text();
  entry.key = m_key;
  entry.name = m_name;
  return entry;
}

void RenameCommand::apply(bool) {
  m_document.update(m_key, [this](Item& item) { item.name.swap(m_name); });
}

RecipeCommand::RecipeCommand(Document& document, ItemKey key,
                             std::shared_ptr<const routing::Recipe> recipe, const QString& what)
    : JournalCommand(document), m_key(key), m_recipe(std::move(recipe)) {
  setText(what);
}

RecipeCommand::RecipeCommand(Document& document, const JournalEntry& entry)
    : JournalCommand(document), m_key(entry.key), m_recipe(entry.recipe) {
  setText(entry.text);
}

JournalEntry RecipeCommand::entry() const {
  JournalEntry entry;
  entry.kind = JournalEntry::EditRecipe;
  entry.text = text();
  entry.key = m_key;
  entry.recipe = m_recipe;
  return entry;
}

void RecipeCommand::apply(bool) {
  m_document.update(m_key, [this](Item& item) {
    item.recipe.swap(m_recipe);
    if (item.recipe)
      item.detail =
          Document::tr("%n step(s)", nullptr, static_cast<int>(item.recipe->steps.size()));
  });
}

ReportCommand::ReportCommand(Document& document, std::shared_ptr<const ReportDraft> report,
                             const QString& what)
    : JournalCommand(document), m_report(std::move(report)) {
  setText(what);
}

ReportCommand::ReportCommand(Document& document, const JournalEntry& entry)
    : JournalCommand(document), m_report(entry.report) {
  setText(entry.text);
}

JournalEntry ReportCommand::entry() const {
  JournalEntry entry;
  entry.kind = JournalEntry::EditReport;
  entry.text = text();
  entry.report = m_report;
  return entry;
}

void ReportCommand::apply(bool) {
  if (!m_report)
    return; // a damaged journal
  m_document.m_report.swap(m_report);
  Q_EMIT m_document.reportChanged();
}

} // namespace switchyard::studio
