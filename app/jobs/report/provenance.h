#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/jobs/report/document.h"

namespace switchyard::jobs::report {

/// What a report carries for `switchyard rerun`: {"format": 1, "title", "report": [command lines],
/// "parts": [{"program", "command", "trace", "origin" (of an experiment, else null), "inputs"
/// (hashes of model and tasks by name), "digests": [[place, value or digest], ...]}]}. The same
/// document gives the same bytes.
std::string provenanceJson(const Document& document, const std::vector<std::string>& reproduce);

/// The same as an element of a page, and as a comment of Markdown, which nothing in it can end.
std::string provenanceElement(const std::string& json);
std::string provenanceComment(const std::string& json);

/// Reads it back from a .html or .md report. Errors: as base::readTextFile; InvalidFormat for a
/// report without it.
base::Result<nlohmann::json> readProvenance(const std::filesystem::path& report);

} // namespace switchyard::jobs::report
