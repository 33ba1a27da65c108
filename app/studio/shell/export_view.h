#pragma once

#include "app/studio/shell/view.h"

namespace switchyard::studio {

/// Writes what a view shows to a file whose suffix says how: png, svg, pdf, csv. The view paints
/// now; encoding and writing is a job, atomic. Problems (disk full) are reported.
void exportView(Workbench& workbench, View& view, const QString& path);
/// What a view shows as a drawing (SVG), with its title; nothing: there is no figure.
std::optional<jobs::report::Picture> pictureOf(View& view);
void copyViewImage(Workbench& workbench, View& view);

} // namespace switchyard::studio
