#pragma once

#include <vector>

#include "app/studio/live/yard_scene.h"
#include "core/routing/recipe.h"

namespace switchyard::studio {

/// Experts that enabled ban, boost and force steps name, of the layers shown. Steps that choose by
/// other means have no marks. What a step limits to some tokens is marked all the same.
std::vector<RecipeMark> recipeMarks(const routing::Recipe& recipe, const TrackShape& shape);

} // namespace switchyard::studio
