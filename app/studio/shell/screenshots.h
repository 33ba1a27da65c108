#pragma once

#include <QString>

#include "app/studio/shell/main_window.h"

namespace switchyard::studio {

/// Writes a PNG of every view, the start page, the palette, in light and dark and in 1280x800 and
/// 2560x1440, and of errors and empty views (state-...) in 1280x800, into `folder`. Without a
/// session the shipped examples are opened, recorded and generated: what is seen is what jobs made.
/// Runs the event loop meanwhile. Error: Io; whatever a job failed with.
base::Result<int> writeScreenshots(MainWindow& window, const QString& folder,
                                   const QString& session);

} // namespace switchyard::studio
