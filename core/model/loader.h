#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/config.h"
#include "core/model/weights.h"

namespace switchyard::model {

struct LoadOptions;

/// What loading would read and keep, from shapes alone.
struct LoadPlanFacts {
  std::uint64_t parameters = 0;       ///< elements of all tensors that are used
  std::uint64_t activeParameters = 0; ///< without the routed experts one token does not select
  std::uint64_t weightBytes = 0;      ///< memory of the packed weights
};

/// Checks that every tensor that `config` calls for is there with the right shape and a usable
/// dtype, and that none is left over. Reads headers only. Errors as Model::load.
base::Result<LoadPlanFacts> inspectWeights(const checkpoint::Checkpoint& checkpoint,
                                           const ModelConfig& config);

/// Reads and packs all weights on all threads. Errors as Model::load.
base::Result<ModelWeights> loadWeights(const std::filesystem::path& folder,
                                       const ModelConfig& config,
                                       const base::ThreadContext& threads,
                                       const LoadOptions& options, const base::RunControl& control);

} // namespace switchyard::model
