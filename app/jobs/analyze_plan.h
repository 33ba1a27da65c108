#pragma once

#include <string>
#include <vector>

#include "app/jobs/analyze.h"
#include "core/plugin/manifest.h"
#include "core/trace/meta.h"

namespace switchyard::jobs {

/// A request with its sidecar and checked options.
struct AnalysisPlan {
  plugin::Manifest manifest;
  plugin::OptionArguments arguments;
  plugin::OptionValues values;
};

/// What is to be run over a trace, in order. Errors: InvalidArgument for a plugin that is named
/// twice or is of another kind; those of the registry, the options and the markers' tokenizer.
base::Result<std::vector<AnalysisPlan>> planAnalyses(const AnalyzeOptions& options,
                                                     const trace::TraceMeta& meta,
                                                     const plugin::Registry& registry);

/// The command line that makes the analysis again.
std::string analysisCommand(const AnalyzeOptions& options, const std::vector<AnalysisPlan>& plans);

} // namespace switchyard::jobs
