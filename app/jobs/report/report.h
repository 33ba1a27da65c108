#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/report/description.h"
#include "app/jobs/report/native.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::report {

/// Where a report goes and how it looks.
struct ReportOutput {
  std::filesystem::path file{};     ///< .html, .md or .pdf; empty: figures only
  std::filesystem::path figures{};  ///< folder for the figures as files of their own; empty: none
  std::string figureFormat = "png"; ///< png, svg or pdf
  Paper paper = Paper::A4;
  std::optional<std::size_t> rows{}; ///< of each table in .pdf and .md; 0: all; default: 50 and 20
  /// HTML: data above this many bytes go to a file beside the page.
  std::uint64_t maxInline = std::uint64_t{50} << 20;
  std::filesystem::path studio{}; ///< as NativeOutput::studio
};

struct ReportOptions {
  std::vector<std::filesystem::path> results; ///< as readPart() takes them; at least one
  ReportOutput to{};
  std::string title{}; ///< empty: the experiment's, or "Switchyard report"
  std::string question{};
  std::vector<std::string> notes{};
  std::filesystem::path thresholds{}; ///< empty: nothing is checked
  bool doctor = true;                 ///< TraceDoctor reads the traces
};

struct ReportSummary {
  std::vector<std::filesystem::path> files; ///< written, the report first
  std::vector<Check> checks;
  std::int64_t figures = 0, tables = 0;
  bool passed() const;
};

/// Writes a report; files beside it (data of a large page, pictures of a Markdown report) are named
/// after it. Each file is replaced as a whole, the report last. The same description has the same
/// bytes, but for the section on machine and times (machine_section.h).
/// Errors: InvalidArgument (another ending, nothing to write), those of renderNatively(), Io,
/// Cancelled.
base::Result<ReportSummary> writeReport(const Description& description, const ReportOutput& to,
                                        const base::RunControl& control);

/// Reads results, asks the trace doctor, holds them against the thresholds, and writes the report.
/// Errors: also InvalidArgument (no results), those of readPart() and check().
base::Result<ReportSummary> writeReport(const ReportOptions& options,
                                        const base::ThreadContext& threads,
                                        const base::RunControl& control);

} // namespace switchyard::jobs::report
