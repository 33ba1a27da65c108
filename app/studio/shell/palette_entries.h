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
  std::vector<qsizetype> matched{}; ///< positions in the title
  int score = 0;
};

/// What a query finds, best first within each group. "": recent actions, then all. "L5 E19" (or "5
/// 19"): that expert and what can be done with it. "@51": token. ">text": commands only. Everything
/// else: commands (title, group, synonyms, id) and library items. At most 60 rows.
std::vector<PaletteEntry> paletteEntries(Workbench& workbench, const Settings& settings,
                                         const QString& query);

} // namespace switchyard::studio
