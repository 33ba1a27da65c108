#pragma once

#include <string>
#include <vector>

#include "app/jobs/report/document.h"
#include "app/jobs/report/thresholds.h"

namespace switchyard::jobs::report {

/// The report as Markdown: headlines, findings, warnings, the head of every table, methods and
/// command lines. `figures`: paths of pictures, in the order of the document's figures, relative to
/// the report; empty: figures are named only. The same document gives the same bytes.
std::string toMarkdown(const Document& document, const std::vector<Check>& checks,
                       const std::vector<std::string>& figures,
                       const std::vector<std::string>& reproduce);

} // namespace switchyard::jobs::report
