#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QString>

#include "app/studio/document/selection.h"
#include "core/plugin/registry.h"
#include "core/routing/recipe.h"

namespace switchyard::studio {

/// A step's options as a form takes them. Experts of its scope are the option `experts` where the
/// plugin has one.
plugin::OptionArguments argumentsOf(const routing::RecipeStep& step,
                                    const plugin::Manifest& manifest);
/// JSON for a step. Errors: those of plugin::parseOptions.
base::Result<std::string> optionsOf(const plugin::OptionArguments& arguments,
                                    const plugin::Manifest& manifest);

/// Where a step acts, as options of a form: layers, experts (of plugins without such an option),
/// positions, phase, token classes and ids, the markers of a span.
std::vector<plugin::OptionSpec> scopeSpecs(const plugin::Manifest& manifest);
plugin::OptionArguments argumentsOf(const routing::RecipeScope& scope);
/// Errors: those of routing::parseRecipe, and InvalidArgument for a position that is no range or a
/// number that is none.
base::Result<routing::RecipeScope> scopeOf(const plugin::OptionArguments& arguments);

/// A new step of a plugin: its required options filled in where something sensible is known (the
/// expert that is selected); the form asks for the rest.
routing::RecipeStep newStep(const plugin::Manifest& manifest,
                            const std::optional<ExpertKey>& expert);

/// "Boost L5 E8 × 4"
QString stepTitle(const routing::RecipeStep& step, const plugin::Registry& registry);
/// "every token of layers 3, 7"
QString scopeText(const routing::RecipeScope& scope);
/// What differs, named for the undo stack: "Step 2 (boost): multiplier 4 → 8".
QString changeText(const routing::Recipe& before, const routing::Recipe& after);

} // namespace switchyard::studio
