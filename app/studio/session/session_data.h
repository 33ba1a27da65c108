#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/studio/document/document.h"

namespace switchyard::studio {

/// How the window looks, as the widgets describe themselves.
struct WindowLayout {
  QByteArray geometry, docks;
  QString views;                       ///< ViewArea::saveState
  std::map<QString, QString> states{}; ///< View::saveState by view id
};

/// Everything needed to reopen a session. A value: snapshots are taken on the GUI thread (payloads
/// are shared, not copied), written and read on any.
struct SessionData {
  std::vector<Item> items;
  std::array<ItemKey, kItemKinds> current{};
  std::vector<TokenKey> tokens;
  std::optional<TokenKey> primaryToken;
  std::vector<ExpertKey> experts;
  std::optional<ExpertKey> primaryExpert;
  Mark pin;
  TokenFilter filter;
  std::shared_ptr<const ReportDraft> report;
  WindowLayout layout;
  std::vector<JournalEntry> journal; ///< the undo stack, oldest first
  int journalIndex = 0;              ///< how many of them are done
  int changes = 0;                   ///< since the session was saved, for the offer of recovery
  QDateTime saved;
  std::vector<std::string> missing{}; ///< readSession: why a file could not be opened, one each
};

/// The present state of a document. changes and layout are the caller's.
SessionData snapshot(Document& document);
/// Replaces what is in the document. The undo stack is that of the session.
void restore(Document& document, const SessionData& data);

} // namespace switchyard::studio
