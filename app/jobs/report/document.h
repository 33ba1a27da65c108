#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/trace/result.h"

namespace switchyard::jobs::report {

/// A drawing that is not data: what a window showed.
struct Picture {
  std::string title;
  std::string note;
  std::string svg;  ///< an SVG document; shown as an image, nothing in it is run
  double width = 0; ///< logical pixels (1/96 inch)
  double height = 0;
};

/// Results of one run, as a verb wrote them, or one entry of a report that was put together by
/// hand.
struct Part {
  std::string program;              ///< "switchyard 0.1.0", which made them
  std::string command;              ///< the command line that makes them again
  std::string traceId;              ///< empty where no trace was read
  std::vector<std::string> notices; ///< what to know of the trace
  std::vector<std::pair<std::string, trace::AnalysisResult>> results; ///< by plugin
  std::map<std::string, std::string> inputs{}; ///< hashes of what was read, by kind ("model")
  std::string traceFile{};                     ///< the trace as it was named then; empty: not known
  std::string title{}; ///< heading; empty: each result under its plugin's name
  std::string note{};  ///< the author's, below the heading
  std::vector<Picture> pictures{};
  std::string doctor{}; ///< one sentence on what the trace doctor looked at; empty: nothing
  /// Machine and times of the run, label and value; apart from everything else in a report.
  std::vector<std::pair<std::string, std::string>> machine{};
  // Of an experiment; else empty.
  std::string documentTitle{}, question{};
  std::vector<std::string> notes{};
  std::string origin{}; ///< JSON: what makes it again (experiment/origin.h)
};

/// What a report says, before it has a form.
struct Document {
  std::string title;
  std::string question;           ///< may be empty
  std::vector<std::string> notes; ///< paragraphs of the author
  std::vector<Part> parts;
};

/// Results as readAnalysis() (read_analysis.h) finds them; its errors.
base::Result<Part> readPart(const std::filesystem::path& path);

/// Whether a result shows anything; one that does not still says how it was made.
bool showsNothing(const trace::AnalysisResult& result);

/// How a result was made, in sentences for a methods section: formula, filter, sample, options.
std::string methods(const std::string& plugin, const trace::AnalysisResult& result);

/// The methods of every result, what made them, what the trace doctor did, and the seeds; each
/// paragraph once.
std::vector<std::string> methodsOf(const Document& document);

/// What to know before believing the results: notices on traces, the results' warnings, and samples
/// of fewer than five sequences; each once.
std::vector<std::string> warningsOf(const Document& document);

/// The command lines of the parts, each once, then `reproduce`.
std::vector<std::string> commandsOf(const Document& document,
                                    const std::vector<std::string>& reproduce);

/// "0.78 share [0.71, 0.84] (95 %)".
std::string spoken(const trace::Headline& headline);

} // namespace switchyard::jobs::report
