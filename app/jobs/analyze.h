#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/trace/analyzer.h"
#include "core/trace/reader.h"
#include "core/trace/result.h"

namespace switchyard::jobs {

struct AnalyzeOptions {
  std::filesystem::path trace;
  std::vector<std::string> with{}; ///< ids of analyzers; empty: all that need no options
  std::string by = "domain";       ///< label that specialization groups by
};

struct Analysis {
  std::vector<trace::AnalysisResult> results; ///< in the order of `with`
  std::vector<std::string> ids;               ///< of the analyzers
  std::string traceId;
  std::string command; ///< the command line that makes it again
  std::vector<std::string> notices; ///< what to know of the trace itself
};

/// Ids of the analyzers that can be asked for.
std::vector<std::string> analyzerIds();

/// Runs the analyzers over one pass of the trace.
/// Errors: InvalidArgument naming an unknown analyzer; the trace's and the analyzers'; Cancelled.
base::Result<Analysis> analyze(const AnalyzeOptions& options, const base::ThreadContext& threads,
                               const base::RunControl& control);

/// Writes analysis.json and one CSV file per table (named after analyzer and table) into `folder`, which is
/// created; each file is replaced as a whole. Returns the paths written. Errors: Io.
base::Result<std::vector<std::filesystem::path>> writeAnalysis(const Analysis& analysis,
                                                               const std::filesystem::path& folder);

} // namespace switchyard::jobs
