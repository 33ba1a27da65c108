#pragma once

#include "app/studio/shell/palette_entries.h"
#include "app/studio/shell/text_search.h"

namespace switchyard::studio {

/// Files: recent ones by name; for a query that is a path ("/", "~", "./"), what lies there.
std::vector<PaletteEntry> fileEntries(Workbench& workbench, const Settings& settings,
                                      const QString& query);

/// Tokens of the text that is shown live or replayed. At most kMostHits.
std::vector<PaletteEntry> trackEntries(Workbench& workbench, const QString& query);

/// Rows for what a search in the current trace has found.
std::vector<PaletteEntry> hitEntries(Workbench& workbench, const TextHits& hits,
                                     const QString& query);

} // namespace switchyard::studio
