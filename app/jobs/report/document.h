#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/trace/result.h"

namespace switchyard::jobs::report {

/// Results of one run, as a verb wrote them.
struct Part {
  std::string program;          ///< "switchyard 0.1.0", which made them
  std::string command;          ///< the command line that makes them again
  std::string traceId;          ///< empty where no trace was read
  std::vector<std::string> notices; ///< what to know of the trace
  std::vector<std::pair<std::string, trace::AnalysisResult>> results; ///< by plugin
};

/// What a report says, before it has a form.
struct Document {
  std::string title;
  std::string question; ///< may be empty
  std::vector<std::string> notes; ///< paragraphs of the author
  std::vector<Part> parts;
};

/// Results as readAnalysis() (read_analysis.h) finds them; its errors.
base::Result<Part> readPart(const std::filesystem::path& path);

/// How a result was made, in sentences for a methods section: formula, filter, sample, options.
std::string methods(const std::string& plugin, const trace::AnalysisResult& result);

/// What to know before believing the results: notices on traces, then the results' warnings.
std::vector<std::string> warningsOf(const Document& document);

/// "0.78 share [0.71, 0.84] (95 %)".
std::string spoken(const trace::Headline& headline);

} // namespace switchyard::jobs::report
