#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/model/config.h"
#include "core/trace/meta.h"

namespace switchyard::jobs {

/// The part of a trace's meta data that describes program and model; the caller adds the run.
/// Reads the checkpoint's files to fingerprint them. Errors: Io.
base::Result<trace::TraceMeta> describeModel(const model::ModelConfig& config,
                                             const std::filesystem::path& folder);

} // namespace switchyard::jobs
