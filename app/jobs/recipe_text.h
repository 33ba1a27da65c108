#pragma once

#include <string>

#include "app/jobs/recipes.h"

namespace switchyard::jobs {

/// What a step does, in one sentence with its options filled in; of plugins that this program does
/// not know, their summary and options.
std::string describeStep(const ResolvedStep& step);

/// Where a step acts, in one sentence: "Acts on every token of layers 3, 7."
std::string describeScope(const routing::RecipeScope& scope);

} // namespace switchyard::jobs
