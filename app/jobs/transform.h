#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/transform.h"

namespace switchyard::jobs {

struct TransformOptions {
  std::filesystem::path model; ///< checkpoint folder that is read
  std::filesystem::path out;   ///< checkpoint folder that is written; must not exist or be empty
  std::optional<std::filesystem::path> trace{}; ///< of that model: says how often experts are used
};

struct TransformOutcome {
  std::vector<std::string> summary; ///< what was changed
  std::uint64_t tensors = 0;
  std::uint64_t bytes = 0; ///< of weights written
};

/// Runs a transform over a checkpoint. The result is one model.safetensors with config.json and
/// copies of the source's other JSON and text files; config.json is written last, so a folder with
/// one is complete. The new config is read back and must be one this version knows. Errors: config,
/// checkpoint and trace errors; InvalidArgument if `out` is in use or the trace is of another
/// model; the transform's own.
base::Result<TransformOutcome> transform(model::Transform& transform,
                                         const TransformOptions& options,
                                         const base::ThreadContext& threads,
                                         const base::RunControl& control);

} // namespace switchyard::jobs
