#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/jobs/analyze.h"

namespace switchyard::jobs {

/// The whole analysis as JSON text: program, command, trace id, and each plugin's result.
std::string toJson(const Analysis& analysis);

/// A file that is made when it is written; `content` borrows.
struct FileToWrite {
  std::string name;
  std::function<std::string()> content;
};

/// Adds one CSV file per table and one SVG file per figure, named after `id` and table or figure.
/// Borrows the result.
void addFiles(const std::string& id, const trace::AnalysisResult& result,
              std::vector<FileToWrite>& files);

/// Writes files into `folder`, which is created; each is replaced as a whole, several at a time.
/// Returns the paths. Errors: Io.
base::Result<std::vector<std::filesystem::path>> writeFiles(const std::vector<FileToWrite>& files,
                                                            const std::filesystem::path& folder,
                                                            const base::ThreadContext& threads);

/// Writes analysis.json, one CSV file per table and one SVG file per figure (named after plugin and
/// table or figure) into `folder`, which is created, and npmi-steer.json if nPMI recommends
/// experts; each file is replaced as a whole, several at a time. Returns the paths written. Errors:
/// Io.
base::Result<std::vector<std::filesystem::path>> writeAnalysis(const Analysis& analysis,
                                                               const std::filesystem::path& folder,
                                                               const base::ThreadContext& threads);

} // namespace switchyard::jobs
