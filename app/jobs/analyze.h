#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/jobs/filtered.h"
#include "app/jobs/ranks/ranks.h"
#include "core/base/log.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"
#include "core/trace/result.h"
#include "core/trace/simulator.h"

namespace switchyard::jobs {

/// A plugin by name or id, and its options as a command line gives them.
struct AnalysisRequest {
  std::string plugin;
  plugin::OptionArguments options{};
};

struct AnalyzeOptions {
  std::filesystem::path trace;
  /// Analyzers and simulators to run; empty: the analyzers of defaultAnalyzers() that are there.
  std::vector<AnalysisRequest> with{};
  /// Given as option "label" to every plugin that has one and was not told otherwise; empty: none.
  std::string by{};
  /// Marker texts ("<think>=1") for plugins that have an option "markers" and were given none;
  /// empty: defaultMarkers(). Turned into ids by the tokenizer of `model` (empty: of the traced
  /// model).
  std::vector<std::string> markers{};
  std::filesystem::path model{};
  /// A second trace of the same tokens, for analyzers that compare two; empty: none.
  std::filesystem::path reference{};
  /// For simulators: the machine, and how many tokens of a sequence run together as one step.
  trace::MachineDescription machine{};
  std::int64_t stepTokens = 1;
  /// Which rows analyzers and simulators see.
  RowFilter rows{};
  /// After a stop, results over what was read so far (Analysis::partial) instead of Cancelled.
  bool keepPartial = false;
  base::LogSink log{};
  Ranks* ranks = nullptr; ///< processes that share the scan; borrowed
};

struct Analysis {
  std::vector<std::string> ids;               ///< short names of the plugins, as run
  std::vector<trace::AnalysisResult> results; ///< one per id
  std::string traceId;
  std::string traceFile;            ///< as AnalyzeOptions::trace gave it; empty: not known
  std::string program;              ///< that made them, "switchyard 0.1.0"; empty: this one
  std::string command;              ///< the command line that makes it again
  std::vector<std::string> notices; ///< what to know of the trace itself
  // What results of experiments say of themselves; empty otherwise.
  std::string title, question;
  std::vector<std::string> notes;
  std::string origin;   ///< JSON of what makes them again (experiment/origin.h)
  bool partial = false; ///< stopped before the end: results are of the first part
};

std::vector<std::string> defaultAnalyzers();

/// Runs all analyzers over one pass of the trace on all threads, then each simulator in order.
/// With ranks, every one of them calls this with the same options and reads a part of the trace;
/// the analysis, the bytes of one process, is rank 0's, and the others return an empty one. Errors:
/// InvalidArgument or NotFound naming the plugin or option; the trace's and the plugins';
/// Cancelled.
base::Result<Analysis> analyze(const AnalyzeOptions& options, plugin::Registry& registry,
                               const base::ThreadContext& threads, const base::RunControl& control);

} // namespace switchyard::jobs
