#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "core/base/error.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/routing/recipe.h"

namespace switchyard::jobs {

/// [layer, position in the stack][expert] tokens that selected the expert (K_n).
using ExpertLoads = std::map<int, std::vector<std::int64_t>>;

/// Counted over a whole trace. Errors: the trace's, Cancelled.
base::Result<ExpertLoads> loadsOfTrace(const std::filesystem::path& trace,
                                       const base::ThreadContext& threads,
                                       const base::RunControl& control = {});

/// From the `load` result in an analysis.json. Errors: as base::readTextFile; InvalidFormat if
/// there is no such result.
base::Result<ExpertLoads> loadsOfAnalysis(const std::filesystem::path& analysis);

/// A recipe of the same structure with other experts: each expert that a step names (in its options
/// or scope) is replaced by one of the four others of its layer that are nearest in load
/// (|ln K/K'|, add-half), drawn without replacement; experts that the recipe names are never drawn.
/// The same expert gets the same replacement in every step; an expert of every layer gets one in
/// each. The description lists them with their loads.
/// Errors: InvalidArgument for a recipe that names no expert, an option `delta` (it speaks of all
/// experts), a layer or expert without load figures, or a layer with too few others.
base::Result<routing::Recipe> randomControl(const routing::Recipe& like, const ExpertLoads& loads,
                                            std::uint64_t seed);

} // namespace switchyard::jobs
