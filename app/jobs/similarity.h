#pragma once

#include <filesystem>
#include <vector>

#include "app/jobs/analyze.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs {

struct SimilarityOptions {
  std::filesystem::path model;
  std::vector<int> layers{}; ///< positions in the stack; empty: all MoE layers
  /// Also pair the neurons of every two experts by linear assignment: O(E^2 width^3) per layer.
  bool reorder = false;
};

/// Static similarity of a checkpoint's experts (A Closer Look into MoE, arXiv:2406.18219): per
/// layer and projection the mean cosine of flattened weights, of mean neurons, and, if asked for,
/// of weights after the best pairing of neurons; the cosines of router rows, and how much of the
/// similarity of mean neurons they explain (R^2). No trace is needed.
/// Errors: those of loading weights; InvalidArgument for a layer that is no MoE layer;
/// LimitExceeded to reorder experts of more than 8192 neurons; Cancelled.
base::Result<Analysis> similarity(const SimilarityOptions& options,
                                  const base::ThreadContext& threads,
                                  const base::RunControl& control);

} // namespace switchyard::jobs
