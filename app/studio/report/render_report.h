#pragma once

#include <QString>
#include <QStringList>

#include "app/jobs/report/description.h"
#include "core/base/error.h"

namespace switchyard::studio {

/// What to write; each empty path is left out.
struct RenderRequest {
  QString pdf;
  QString pages;                ///< folder for page-001.png ...
  QString figures;              ///< folder for 01-load-map.png ...
  QString figureFormat = "png"; ///< png, svg, pdf
  bool letter = false;
  int mostPages = 0; ///< of `pages`; 0: all
  int rows = 50;     ///< of each table; 0: all
};

struct RenderedFiles {
  QStringList files; ///< written
  int pages = 0;     ///< of the report; 0: it was not put on pages
};

/// Draws a report with the present theme; each file is replaced as a whole.
/// The same description and theme give the same bytes. GUI thread.
/// Errors: Io; InvalidArgument (another figure format).
base::Result<RenderedFiles> renderReport(const jobs::report::Description& description,
                                         const RenderRequest& request);

} // namespace switchyard::studio
