#pragma once

#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::experiment {

/// Writes results as a folder: manifest.json (experiment, cells with everything they depend on),
/// experiment.json, summary/ and cells/NAME/ as `analyze --out` writes them, with the answers of an
/// evaluation in answers.json. Two runs of an experiment give the same bytes, machine.json apart,
/// which has times and speeds. Files that are there are replaced. Returns the paths written.
/// Errors: those of reading; Io.
base::Result<std::vector<std::filesystem::path>> exportResults(const std::filesystem::path& results,
                                                               const std::filesystem::path& folder,
                                                               const base::ThreadContext& threads);

} // namespace switchyard::jobs::experiment
