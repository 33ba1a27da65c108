#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/report/thresholds.h"
#include "core/base/error.h"

namespace switchyard::jobs::report {

struct ReportOptions {
  std::vector<std::filesystem::path> results; ///< as readPart() takes them; at least one
  std::filesystem::path out;                  ///< .html or .md
  std::string title{};                        ///< empty: "Switchyard report"
  std::string question{};
  std::vector<std::string> notes{};
  std::filesystem::path thresholds{}; ///< empty: nothing is checked
  /// HTML: data above this many bytes go to a file beside the page.
  std::uint64_t maxInline = std::uint64_t{50} << 20;
};

struct ReportSummary {
  std::vector<std::filesystem::path> files; ///< written, the report first
  std::vector<Check> checks;
  std::int64_t figures = 0, tables = 0;
  bool passed() const;
};

/// Reads results, holds them against the thresholds, and writes the report; files beside it (data
/// of a large page, pictures of a Markdown report) are named after it. Each file is replaced as a
/// whole, the report last. A report of the same results has the same bytes.
/// Errors: InvalidArgument (no results, another ending), those of readPart(), check(), and Io.
base::Result<ReportSummary> writeReport(const ReportOptions& options);

} // namespace switchyard::jobs::report
