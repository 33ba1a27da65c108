#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/plugin/registry.h"
#include "core/routing/recipe.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

/// A recipe file as parsed. Errors: as base::readTextFile and routing::parseRecipe.
base::Result<routing::Recipe> readRecipe(const std::filesystem::path& path);

/// The policy of a recipe, not yet begun. Steps are built-in ones or router plugins of `registry`
/// (null: built-in steps only). tokenizer resolves token classes and markers; null where no step
/// needs it. The context's threads and log go to plugins.
/// Errors: those of routing::buildRecipe; NotFound for a step that nobody provides; InvalidArgument
/// for token classes or markers without a tokenizer.
base::Result<std::unique_ptr<routing::Policy>> makePolicy(const routing::Recipe& recipe,
                                                          plugin::Registry* registry,
                                                          const tokenizer::Tokenizer* tokenizer,
                                                          const plugin::HostContext& context = {});

} // namespace switchyard::jobs
