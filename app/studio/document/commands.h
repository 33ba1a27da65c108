#pragma once

#include <memory>
#include <optional>

#include <QUndoCommand>

#include "app/studio/document/document.h"

namespace switchyard::studio {

/// A step that the session file can keep.
class JournalCommand : public QUndoCommand {
public:
  explicit JournalCommand(Document& document) : m_document(document) {}
  virtual JournalEntry entry() const = 0;
  void undo() final;
  void redo() final;
  /// The command of an entry, for Document::restore.
  static std::unique_ptr<JournalCommand> make(Document& document, const JournalEntry& entry);

protected:
  virtual void apply(bool forward) = 0;
  Document& m_document;

private:
  void tell();
  bool m_isDone = false; ///< once: what comes next is undo or redo
};

/// Puts an item into the document, or takes it out: one is the undo of the other.
class InsertCommand : public JournalCommand {
public:
  InsertCommand(Document& document, Item item);   ///< redo inserts at the end
  InsertCommand(Document& document, ItemKey key); ///< redo removes
  InsertCommand(Document& document, const JournalEntry& entry);
  JournalEntry entry() const override;

private:
  void apply(bool forward) override { forward == m_inserts ? insert() : take(); }
  void insert();
  void take();

  bool m_inserts;
  ItemKey m_key;
  std::size_t m_index;
  bool m_wasCurrent = false;
  std::optional<Item> m_item; ///< while it is not in the document
};

class RenameCommand : public JournalCommand {
public:
  RenameCommand(Document& document, ItemKey key, const QString& name);
  RenameCommand(Document& document, const JournalEntry& entry);
  JournalEntry entry() const override;

private:
  void apply(bool forward) override;
  ItemKey m_key;
  QString m_name; ///< the one that is not in the document
};

class RecipeCommand : public JournalCommand {
public:
  RecipeCommand(Document& document, ItemKey key, std::shared_ptr<const routing::Recipe> recipe,
                const QString& what);
  RecipeCommand(Document& document, const JournalEntry& entry);
  JournalEntry entry() const override;

private:
  void apply(bool forward) override;
  ItemKey m_key;
  std::shared_ptr<const routing::Recipe> m_recipe; ///< the one that is not in the document
};

class ReportCommand : public JournalCommand {
public:
  ReportCommand(Document& document, std::shared_ptr<const ReportDraft> report, const QString& what);
  ReportCommand(Document& document, const JournalEntry& entry);
  JournalEntry entry() const override;

private:
  void apply(bool forward) override;
  std::shared_ptr<const ReportDraft> m_report; ///< the one that is not in the document
};

} // namespace switchyard::studio
