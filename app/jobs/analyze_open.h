#pragma once

#include <memory>
#include <vector>

#include "app/jobs/analyze.h"

namespace switchyard::jobs {

/// What a program that goes on asking for analyses of one trace knows beforehand, or does not want.
struct OpenAnalysis {
  /// The trace of the options, where it is open; null: it is opened.
  std::shared_ptr<const trace::Trace> trace{};
  /// The MoE layers that analyzers see, as ascending indices into the trace's, as if there were no
  /// others; empty: all. For previews: no command line says it. Simulators see all.
  std::vector<int> moeLayers{};
};

/// analyze() of an open trace. Errors beyond that one's: InvalidArgument for layers together with a
/// reference, or layers that the trace has not.
base::Result<Analysis> analyzeOpen(const AnalyzeOptions& options, const OpenAnalysis& open,
                                   plugin::Registry& registry, const base::ThreadContext& threads,
                                   const base::RunControl& control);

} // namespace switchyard::jobs
