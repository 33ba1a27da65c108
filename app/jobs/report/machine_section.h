#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/jobs/report/document.h"

namespace switchyard::jobs::report {

/// What is around the one section of a page or a Markdown report that two runs of the same version
/// over the same results do not have in common. Each stands on a line of its own.
inline constexpr const char* kMachineBegin = "<!-- machine and times: begin -->";
inline constexpr const char* kMachineEnd = "<!-- machine and times: end -->";

/// Its rows: what the parts say of their runs, then when and on which machine the report was
/// written
/// ("2026-11-26 14:03 UTC", "Linux x86_64, 16 threads").
std::vector<std::pair<std::string, std::string>> machineRows(const Document& document);

} // namespace switchyard::jobs::report
