#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/routing/policy.h"
#include "core/routing/scope.h"

namespace switchyard::routing {

/// The scope of a step as written: texts and class names are resolved by buildRecipe.
struct RecipeScope {
  std::vector<std::int32_t> layers;
  std::vector<ExpertRef> experts;
  std::vector<PositionRange> positions;
  std::optional<Phase> phase;
  std::vector<std::string> tokenClasses; ///< any of them
  std::vector<std::int32_t> tokenIds;    ///< or these
  std::string open, close;               ///< markers of a span; both or none
};

struct RecipeStep {
  std::string plugin;         ///< short name or id of a router plugin
  std::string options = "{}"; ///< a JSON object, keys sorted, as the plugin declares it
  RecipeScope scope;
  bool enabled = true;
};

/// An ordered, saved list of router steps.
///
/// JSON: {"name": text, "description": text, "steps": [{"plugin": text, "options": {...},
/// "scope": {...}, "enabled": true}]}; only "steps" and each step's "plugin" are required.
/// Scope: {"layers": [3, 7], "experts": [17, "3:17"], "positions": [[0, 16], [64, null]],
/// "phase": "prompt" | "generated", "token-classes": ["digits"], "token-ids": [5, 9],
/// "inside": {"open": "<think>", "close": "</think>"}}. A token must meet every part that is given.
/// Positions are half open; null means no end. Unknown keys are refused. Experts: of steps with an
/// option `experts` they are that option; other steps may only choose among them.
struct Recipe {
  std::string name, description;
  std::vector<RecipeStep> steps;
};

constexpr std::size_t kMaxRecipeBytes = 16u << 20;
constexpr std::size_t kMaxRecipeSteps = 256;

/// Errors: LimitExceeded (bytes, steps), InvalidFormat naming step and key.
base::Result<Recipe> parseRecipe(std::string_view text, const base::Where& where);

/// The canonical JSON: keys sorted, two spaces, defaults left out, a newline at the end.
/// parseRecipe(toJson(r)) gives the same recipe; equal recipes give equal bytes.
std::string toJson(const Recipe& recipe);

/// The step with the experts of its scope in its option `experts` instead; as it is if the scope
/// has none. Error InvalidArgument if they are given in both places.
base::Result<RecipeStep> mergeExperts(const RecipeStep& step);

/// What a recipe needs from outside.
struct RecipeContext {
  /// Makes the policy of a step; by default built-in steps only (makeStep).
  std::function<base::Result<std::unique_ptr<Policy>>(const RecipeStep&)> make{};
  /// Whether a step has an option `experts`; by default what the catalog says of built-in steps.
  std::function<bool(const std::string& plugin)> actsOnExperts{};
  /// Token ids of a class name. Absent: recipes with token classes are refused.
  std::function<base::Result<std::vector<std::int32_t>>(std::string_view name)> tokensOfClass{};
  /// Token ids of a marker's text. Absent: recipes with marked spans are refused.
  std::function<base::Result<std::vector<std::int32_t>>(std::string_view text)> encode{};
};

/// One policy (a PolicyChain) of the enabled steps; not yet begun.
/// Errors: those of `make` and the resolvers, with the step; InvalidArgument for an empty marker.
base::Result<std::unique_ptr<Policy>> buildRecipe(const Recipe& recipe,
                                                  const RecipeContext& context = {});

/// How `after` differs from `before`, one line each, in the order of the steps: "- step" removed,
/// "+ step" added, "~ step 2 (boost): options.multiplier 4 -> 64" changed. Empty: no difference.
/// Steps are matched by longest common subsequence of plugin names.
std::vector<std::string> diffRecipes(const Recipe& before, const Recipe& after);

} // namespace switchyard::routing
