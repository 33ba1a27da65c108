#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/jobs/report/description.h"

namespace switchyard::jobs::report {

/// The report as Markdown: headlines, findings, warnings, the first `rows` of every table (0: all),
/// methods and command lines. `figures`: paths of pictures, in the order of the document's pictures
/// and figures, relative to the report; empty: they are named only. The same description gives the
/// same bytes, but for the section on machine and times (machine_section.h).
std::string toMarkdown(const Description& description, const std::vector<std::string>& figures,
                       std::size_t rows);

} // namespace switchyard::jobs::report
