#pragma once

#include <filesystem>
#include <span>

#include "app/jobs/recipes.h"
#include "core/base/error.h"
#include "core/model/config.h"
#include "core/trace/meta.h"

namespace switchyard::jobs {

/// The part of a trace's meta data that describes program and model; the caller adds the run.
/// Reads the checkpoint's files to fingerprint them. Errors: Io.
base::Result<trace::TraceMeta> describeModel(const model::ModelConfig& config,
                                             const std::filesystem::path& folder);

/// Notes in `meta` that routing was changed: the recipe's JSON, each step's plugin with version and
/// options, as many slots a layer as the policy may need, and that weights need not follow from the
/// logits any more. The policy has begun, or is null: nothing is noted.
void describeSteering(const Steering& steering, std::span<const routing::LayerFacts> facts,
                      trace::TraceMeta& meta);

} // namespace switchyard::jobs
