#include "app/studio/document/document.h"

#include <algorithm>

#include "app/studio/document/commands.h"

namespace switchyard::studio {

Document::Document(QObject* parent) : QObject(parent), m_selection(this), m_undo(this) {}

std::vector<ItemKey> Document::keys(ItemKind kind) const {
  std::vector<ItemKey> keys;
  for (const Item& item : m_items)
    if (item.kind == kind)
      keys.push_back(item.key);
  return keys;
}

std::size_t Document::indexOf(ItemKey key) const {
  const auto found = std::ranges::find(m_items, key, &Item::key);
  return static_cast<std::size_t>(found - m_items.begin());
}

const Item* Document::item(ItemKey key) const {
  const std::size_t index = indexOf(key);
  return index < m_items.size() ? &m_items[index] : nullptr;
}

ItemKey Document::findByPath(ItemKind kind, const QString& path) const {
  for (const Item& item : m_items)
    if (item.kind == kind && !path.isEmpty() && item.path == path)
      return item.key;
  return 0;
}

std::vector<ItemKey> Document::resultsOf(ItemKey source) const {
  std::vector<ItemKey> keys;
  for (const Item& item : m_items)
    if (item.kind == ItemKind::Result && item.source == source)
      keys.push_back(item.key);
  return keys;
}

ItemKey Document::resultOf(ItemKey source, const QString& plugin) const {
  for (auto item = m_items.rbegin(); item != m_items.rend(); ++item) {
    if (item->kind != ItemKind::Result || item->source != source || !item->analysis)
      continue;
    if (std::ranges::find(item->analysis->ids, plugin.toStdString()) != item->analysis->ids.end())
      return item->key;
  }
  return 0;
}

bool Document::isEmpty() const {
  return m_items.empty();
}

QString Document::uniqueName(ItemKind kind, const QString& wanted) const {
  const auto taken = [&](const QString& name) {
    return std::ranges::any_of(
        m_items, [&](const Item& item) { return item.kind == kind && item.name == name; });
  };
  if (!taken(wanted))
    return wanted;
  for (int number = 2;; ++number)
    if (const QString name = QString("%1 (%2)").arg(wanted).arg(number); !taken(name))
      return name;
}

ItemKey Document::add(Item item) {
  item.key = m_next++;
  item.name = uniqueName(item.kind, item.name);
  const ItemKey key = item.key;
  m_undo.push(new InsertCommand(*this, std::move(item)));
  return key;
}

ItemKey Document::addDerived(Item item) {
  item.key = m_next++;
  item.name = uniqueName(item.kind, item.name);
  const ItemKey key = item.key;
  insertAt(m_items.size(), std::move(item));
  return key;
}

void Document::remove(ItemKey key) {
  if (item(key))
    m_undo.push(new InsertCommand(*this, key));
}

bool Document::rename(ItemKey key, const QString& name) {
  const Item* old = item(key);
  const QString trimmed = name.trimmed();
  if (!old || trimmed.isEmpty())
    return false;
  if (trimmed == old->name)
    return true;
  if (uniqueName(old->kind, trimmed) != trimmed)
    return false;
  m_undo.push(new RenameCommand(*this, key, trimmed));
  return true;
}

void Document::setRecipe(ItemKey key, std::shared_ptr<const routing::Recipe> recipe,
                         const QString& what) {
  if (item(key))
    m_undo.push(new RecipeCommand(*this, key, std::move(recipe), what));
}

void Document::setReport(std::shared_ptr<const ReportDraft> report, const QString& what) {
  if (!(*report == *m_report))
    m_undo.push(new ReportCommand(*this, std::move(report), what));
}

void Document::update(ItemKey key, const std::function<void(Item&)>& change) {
  const std::size_t index = indexOf(key);
  if (index == m_items.size())
    return;
  change(m_items[index]);
  Q_EMIT itemChanged(key);
}

void Document::setCurrent(ItemKind kind, ItemKey key) {
  ItemKey& current = m_current[static_cast<std::size_t>(kind)];
  if (current == key)
    return;
  current = key;
  Q_EMIT currentChanged(kind);
}

void Document::setCompared(ItemKey a, ItemKey b) {
  const std::pair pair = a == 0 || b == 0 || a == b ? std::pair(0, 0) : std::pair(a, b);
  if (pair == m_compared)
    return;
  m_compared = pair;
  Q_EMIT comparedChanged();
}

ItemKey Document::comparedWith(ItemKey trace) const {
  return trace == 0                   ? 0
         : trace == m_compared.first  ? m_compared.second
         : trace == m_compared.second ? m_compared.first
                                      : 0;
}

void Document::insertAt(std::size_t index, Item item) {
  const ItemKey key = item.key;
  const ItemKind kind = item.kind;
  m_items.insert(m_items.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
  Q_EMIT itemAdded(key);
  if (current(kind) == 0)
    setCurrent(kind, key);
}

Item Document::takeAt(std::size_t index) {
  const ItemKey key = m_items[index].key;
  Q_EMIT itemAboutToBeRemoved(key);
  Item item = std::move(m_items[index]);
  m_items.erase(m_items.begin() + static_cast<std::ptrdiff_t>(index));
  if (current(item.kind) == key) {
    const std::vector<ItemKey> left = keys(item.kind);
    setCurrent(item.kind, left.empty() ? 0 : left.back());
  }
  if (comparedWith(key) != 0)
    setCompared(0, 0);
  Q_EMIT itemRemoved(key);
  return item;
}

std::pair<std::vector<JournalEntry>, int> Document::journal() const {
  int begin = 0;
  for (int i = 0; i < m_undo.count(); ++i)
    if (!dynamic_cast<const JournalCommand*>(m_undo.command(i)))
      begin = i + 1;
  if (m_undo.index() < begin) // what could be undone is not kept: nor can it be redone from there
    return {};
  std::vector<JournalEntry> entries;
  for (int i = begin; i < m_undo.count(); ++i)
    entries.push_back(static_cast<const JournalCommand*>(m_undo.command(i))->entry());
  return {std::move(entries), m_undo.index() - begin};
}

void Document::restore(const std::vector<Item>& items, std::shared_ptr<const ReportDraft> report,
                       const std::vector<JournalEntry>& journal, int journalIndex) {
  if (report) {
    m_report = std::move(report);
    Q_EMIT reportChanged();
  }
  for (const Item& item : items) {
    if (indexOf(item.key) != m_items.size())
      continue; // a damaged session: the first one counts
    m_next = std::max(m_next, item.key + 1);
    insertAt(m_items.size(), item);
  }
  m_restoring = true;
  for (const JournalEntry& entry : journal) {
    m_next = std::max(m_next, entry.key + 1);
    m_undo.push(JournalCommand::make(*this, entry).release());
  }
  m_undo.setIndex(std::clamp(journalIndex, 0, m_undo.count()));
  m_undo.setClean();
  m_restoring = false;
}

void Document::clear() {
  m_undo.clear();
  m_selection.clear();
  m_report = std::make_shared<const ReportDraft>();
  Q_EMIT reportChanged();
  while (!m_items.empty())
    takeAt(m_items.size() - 1);
  Q_EMIT cleared();
}

} // namespace switchyard::studio
