#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/recipes.h"

namespace switchyard::jobs {

enum class RecipeLevel { Warning, Error };

/// Something about a recipe that keeps it from running (Error) or that its user should know.
struct RecipeFinding {
  RecipeLevel level = RecipeLevel::Error;
  int step = 0; ///< from 1; 0: the recipe as a whole
  std::string message;
};

/// Checks that every step has a plugin that takes its options, says which steps are not causal,
/// and, with a model folder, that layers, experts and ranks exist there, that token classes and
/// markers can be resolved, and that the steps compose: the recipe is tried on made-up router
/// logits of every MoE layer (only the config and the tokenizer are read, no weights). Steps that
/// are not enabled are checked, too; what is wrong with them is a warning. Errors: those of reading
/// the model's config.
base::Result<std::vector<RecipeFinding>> checkRecipe(const routing::Recipe& recipe,
                                                     plugin::Registry& registry,
                                                     const std::filesystem::path& model = {});

} // namespace switchyard::jobs
