#pragma once

#include <functional>
#include <vector>

#include <QIcon>
#include <QString>

#include "app/studio/shell/settings.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A row of the command palette.
struct PaletteEntry {
  QString group;  ///< heading above the first of its group: "Go to"
  QString title;  ///< what is matched and shown
  QString detail; ///< muted, after the title
  QString keys;   ///< shortcut at the right
  QString reason; ///< why it cannot be run; empty: it can
  QString icon;   ///< of resources/icons, may be empty
  std::function<void()> run;
  QString completion{};             ///< what Tab puts into the field; empty: the title
  std::vector<qsizetype> matched{}; ///< positions in the title
  int score = 0;
};

/// What a query finds, best first within each group. "": recent actions, then all. "L5 E19"
/// ("L5E19", "5 19"): that expert and what can be done with it. "@51": token. "@stamps": tokens
/// with this text.
/// "/data/": files there. ">text": commands only. Everything else: commands (title, group,
/// synonyms, id), library items, recent files and the text that is shown. At most 60 rows.
std::vector<PaletteEntry> paletteEntries(Workbench& workbench, const Settings& settings,
                                         const QString& query);

/// The text that a query asks for in the current trace; empty: it asks for none.
QString textOfQuery(const QString& query);

/// Puts groups in the order of their best entry, entries by score, equal ones as they came.
void orderByGroup(std::vector<PaletteEntry>& entries);

} // namespace switchyard::studio
