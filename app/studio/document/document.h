#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <QObject>
#include <QUndoStack>

#include "app/studio/document/item.h"
#include "app/studio/document/report_draft.h"
#include "app/studio/document/selection.h"

namespace switchyard::studio {

/// One step of the undo stack as the session file keeps it: what is needed to undo and redo it.
struct JournalEntry {
  enum Kind { Insert, Remove, Rename, EditRecipe, EditReport };
  Kind kind = Insert;
  QString text; ///< "Ban L5 E19"
  ItemKey key = 0;
  int index = 0;
  bool wasCurrent = false;
  QString name{};                                  ///< Rename: the name that is not in the document
  std::shared_ptr<const routing::Recipe> recipe{}; ///< EditRecipe: the one that is not in it
  std::optional<Item> item{};                      ///< Insert, Remove: while it is not in it
  std::shared_ptr<const ReportDraft> report{};     ///< EditReport: the one that is not in it
};

/// What is open: models, traces, recipes, prompt sets and results, the selection over them, and the
/// undo stack. The session file stores it. GUI thread.
///
/// Changes marked "undoable" go through the undo stack under a name that says what was done. Views
/// read items by key and listen; they keep keys, never pointers to items.
class Document : public QObject {
  Q_OBJECT
public:
  explicit Document(QObject* parent = nullptr);

  std::vector<ItemKey> keys(ItemKind kind) const; ///< in the order shown
  const Item* item(ItemKey key) const;            ///< null if there is none; valid until a change
  ItemKey findByPath(ItemKind kind, const QString& path) const; ///< 0: none
  /// Results made of this trace or model, oldest first.
  std::vector<ItemKey> resultsOf(ItemKey source) const;
  /// The newest result of `source` that the named plugin (short name) made; 0: none.
  ItemKey resultOf(ItemKey source, const QString& plugin) const;
  bool isEmpty() const;

  /// Undoable: "Open domains". Gives the item its key and a name that is unique in its kind, and
  /// makes it the current one of its kind if that kind had none.
  ItemKey add(Item item);
  /// Not undoable: results that views compute by themselves.
  ItemKey addDerived(Item item);
  /// Undoable: "Remove domains". Files stay. Results made of it stay, too.
  void remove(ItemKey key);
  /// Undoable: "Rename domains to corpus". Empty or taken names are refused: false.
  bool rename(ItemKey key, const QString& name);
  /// Undoable, `what` names it: "Ban L5 E19".
  void setRecipe(ItemKey key, std::shared_ptr<const routing::Recipe> recipe, const QString& what);
  /// The report of the session; never null.
  const std::shared_ptr<const ReportDraft>& report() const { return m_report; }
  /// Undoable, `what` names it: "Add Load by expert to the report". The same report: nothing
  /// happens.
  void setReport(std::shared_ptr<const ReportDraft> report, const QString& what);
  /// Not undoable: payloads that arrive later (loaded weights, a file that is there again).
  void update(ItemKey key, const std::function<void(Item&)>& change);

  /// The model, trace, recipe ... that views work with unless told otherwise; 0: none.
  ItemKey current(ItemKind kind) const { return m_current[static_cast<std::size_t>(kind)]; }
  void setCurrent(ItemKind kind, ItemKey key);
  const Item* currentItem(ItemKind kind) const { return item(current(kind)); }

  /// The two traces A and B that are compared; 0: none. Both go with either of them.
  std::pair<ItemKey, ItemKey> compared() const { return m_compared; }
  void setCompared(ItemKey a, ItemKey b);
  ItemKey comparedWith(ItemKey trace) const; ///< the other one of the two; 0: it is not compared

  Selection& selection() { return m_selection; }
  QUndoStack& undoStack() { return m_undo; }
  /// The undo stack, oldest first, and how many steps are done. Steps of views (options, zoom) are
  /// not kept: the journal begins after the last of them.
  std::pair<std::vector<JournalEntry>, int> journal() const;
  /// Puts the items of a session, its report and its undo stack into an empty document. Nothing is
  /// undoable by itself: the journal is the stack.
  void restore(const std::vector<Item>& items, std::shared_ptr<const ReportDraft> report,
               const std::vector<JournalEntry>& journal, int journalIndex);
  /// Forgets everything, the undo stack too.
  void clear();

Q_SIGNALS:
  void itemAdded(int key);
  void itemChanged(int key);
  void itemAboutToBeRemoved(int key);
  void itemRemoved(int key);
  void currentChanged(switchyard::studio::ItemKind kind);
  void comparedChanged();
  void reportChanged();
  void cleared();
  /// A step of the journal was undone or redone, and what it changes is as it was. key: of the
  /// item; 0: the report.
  void stepped(switchyard::studio::JournalEntry::Kind kind, int key);

private:
  friend class JournalCommand;
  friend class InsertCommand;
  friend class RenameCommand;
  friend class RecipeCommand;
  friend class ReportCommand;

  void insertAt(std::size_t index, Item item);
  Item takeAt(std::size_t index);
  std::size_t indexOf(ItemKey key) const; ///< size() if there is none
  QString uniqueName(ItemKind kind, const QString& wanted) const;

  std::vector<Item> m_items;
  std::array<ItemKey, kItemKinds> m_current{};
  std::pair<ItemKey, ItemKey> m_compared{0, 0};
  ItemKey m_next = 1;
  bool m_restoring = false; ///< commands are put on the stack without doing anything
  std::shared_ptr<const ReportDraft> m_report = std::make_shared<const ReportDraft>();
  Selection m_selection;
  QUndoStack m_undo;
};

} // namespace switchyard::studio
