#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/registry.h"
#include "core/routing/recipe.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

/// A recipe file as parsed, or the JSON itself: text that begins with "{" (what a window's command
/// lines have). Errors: as base::readTextFile and routing::parseRecipe.
base::Result<routing::Recipe> readRecipe(const std::filesystem::path& path);

/// A step's plugin and its options.
struct ResolvedStep {
  plugin::Manifest manifest;
  plugin::OptionValues options; ///< checked against the sidecar, defaults filled in
  routing::RecipeScope scope;   ///< without experts that became an option
};

/// The plugin of a step, named by id or short name. Experts of the scope are the option `experts`
/// where the plugin has one. Errors: NotFound for a step that nobody provides; those of
/// plugin::parseOptions and routing::mergeExperts.
base::Result<ResolvedStep> resolveStep(const routing::RecipeStep& step,
                                       const plugin::Registry& registry);

/// A recipe ready to run, and what to note of it.
struct Steering {
  std::unique_ptr<routing::Policy> policy; ///< not yet begun; null: the model's own routing
  std::string recipe{};                    ///< canonical JSON
  /// One of each enabled step: id, version and all options of the plugin that does it. Empty
  /// without a registry.
  std::vector<std::string> steps{};
};

/// Makes a recipe's policy. Steps are router plugins of `registry`, named by id or short name; with
/// null they are core/routing's own policies, which is what the built-in plugins present.
/// tokenizer resolves token classes and markers; null where no step needs it. The context's threads
/// and log go to plugins.
/// Errors: those of routing::buildRecipe; NotFound for a step that nobody provides; InvalidArgument
/// for token classes or markers without a tokenizer.
base::Result<Steering> makeSteering(const routing::Recipe& recipe, plugin::Registry* registry,
                                    const tokenizer::Tokenizer* tokenizer,
                                    const plugin::HostContext& context = {});

/// The policy alone.
base::Result<std::unique_ptr<routing::Policy>> makePolicy(const routing::Recipe& recipe,
                                                          plugin::Registry* registry,
                                                          const tokenizer::Tokenizer* tokenizer,
                                                          const plugin::HostContext& context = {});

} // namespace switchyard::jobs
