#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/jobs/report/document.h"
#include "app/jobs/report/thresholds.h"

namespace switchyard::jobs::report {

/// A report with everything in it, as one program hands it to another or keeps it in a file.
struct Description {
  Document document;
  std::vector<Check> checks;
  std::vector<std::string> reproduce; ///< command lines, after those of the parts
};

/// One JSON object, {"switchyard_report": 1, "document": {...}, ...}. Bytes that are not UTF-8
/// become U+FFFD. The same description gives the same bytes.
std::string toJson(const Description& description);
/// One part of it.
std::string toJson(const Part& part);

/// The reverse. A double without a fraction comes back as an integer cell.
/// Errors: as base::parseJson (1 GiB); InvalidFormat naming what is missing or has another type.
base::Result<Description> parseDescription(std::string_view text, const base::Where& where);
base::Result<Part> parsePart(const nlohmann::json& json, const base::Where& where);

} // namespace switchyard::jobs::report
