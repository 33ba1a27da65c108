#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/routing/policies/catalog.h"
#include "core/routing/policy_chain.h"
#include "core/routing/recipe.h"

namespace switchyard::routing {

using base::ErrorCode;
using base::Result;

namespace {

Result<std::vector<std::int32_t>> marker(const std::string& text, const RecipeContext& context) {
  if (!context.encode)
    return base::fail(ErrorCode::Unsupported,
                      "spans between markers need a tokenizer, and there is none here");
  auto ids = SY_TRY(context.encode(text));
  if (ids.empty())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("the marker \"{}\" has no tokens", text));
  return ids;
}

Result<Scope> resolve(const RecipeScope& from, const RecipeContext& context) {
  Scope scope;
  scope.layers = from.layers;
  scope.experts = from.experts;
  scope.positions = from.positions;
  scope.phase = from.phase;
  if (!from.tokenClasses.empty() || !from.tokenIds.empty()) {
    std::vector<std::int32_t> ids = from.tokenIds;
    for (const std::string& name : from.tokenClasses) {
      if (!context.tokensOfClass)
        return base::fail(ErrorCode::Unsupported,
                          "token classes need a tokenizer, and there is none here");
      const auto members = SY_TRY(context.tokensOfClass(name));
      ids.insert(ids.end(), members.begin(), members.end());
    }
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    scope.tokens = std::move(ids);
  }
  if (!from.open.empty()) {
    SpanMarkers& inside = scope.inside.emplace();
    inside.open = SY_TRY(marker(from.open, context));
    inside.close = SY_TRY(marker(from.close, context));
  }
  return scope;
}

Result<nlohmann::json> optionsOf(const RecipeStep& step) {
  auto options = nlohmann::json::parse(step.options, nullptr, false);
  if (!options.is_object())
    return base::fail(ErrorCode::InvalidArgument, "its options are not a JSON object");
  return options;
}

Result<std::unique_ptr<Policy>> makeBuiltIn(const RecipeStep& step) {
  return makeStep(step.plugin, SY_TRY(optionsOf(step)));
}

bool actsOnExperts(const std::string& plugin, const RecipeContext& context) {
  if (context.actsOnExperts)
    return context.actsOnExperts(plugin);
  const auto known = std::ranges::find(builtInSteps(), plugin, &StepInfo::id);
  return known != builtInSteps().end() && known->actsOnExperts;
}

Result<ChainStep> buildStep(const RecipeStep& step, const RecipeContext& context) {
  const RecipeStep resolved =
      actsOnExperts(step.plugin, context) ? SY_TRY(mergeExperts(step)) : step;
  ChainStep built;
  built.policy = SY_TRY(context.make ? context.make(resolved) : makeBuiltIn(resolved));
  built.scope = SY_TRY(resolve(resolved.scope, context));
  return built;
}

} // namespace

Result<RecipeStep> mergeExperts(const RecipeStep& step) {
  RecipeStep merged = step;
  if (step.scope.experts.empty())
    return merged;
  auto options = SY_TRY(optionsOf(step));
  if (options.contains("experts"))
    return base::fail(ErrorCode::InvalidArgument,
                      "its experts are given twice, in the options and in the scope");
  options["experts"] = toJson(step.scope.experts);
  merged.options = options.dump();
  merged.scope.experts.clear();
  return merged;
}

Result<std::unique_ptr<Policy>> buildRecipe(const Recipe& recipe, const RecipeContext& context) {
  std::vector<ChainStep> steps;
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    if (!recipe.steps[i].enabled)
      continue;
    const std::string name = fmt::format("{} ({})", i + 1, recipe.steps[i].plugin);
    auto step = buildStep(recipe.steps[i], context);
    if (!step) {
      base::Error error = std::move(step).error();
      error.message = fmt::format("recipe step {}: {}", name, error.message);
      return tl::unexpected(std::move(error));
    }
    step->name = name;
    steps.push_back(std::move(*step));
  }
  return std::make_unique<PolicyChain>(std::move(steps));
}

} // namespace switchyard::routing
