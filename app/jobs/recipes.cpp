#include "app/jobs/recipes.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/token_classes.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using Ids = std::vector<std::int32_t>;

/// "org.switchyard.mask 1.0.0 experts=3:17 mode=zero": defaults included.
std::string describe(const ResolvedStep& step) {
  std::string text = fmt::format("{} {}", step.manifest.id, step.manifest.version);
  for (const auto& [option, value] : plugin::describe(step.options))
    text += fmt::format(" {}={}", option, value);
  return text;
}

bool hasExpertsOption(const plugin::Manifest& manifest) {
  return std::ranges::find(manifest.options, "experts", &plugin::OptionSpec::name) !=
         manifest.options.end();
}

Result<Ids> encodeMarker(const tokenizer::Tokenizer* tokenizer, std::string_view text) {
  if (!tokenizer)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("marker \"{}\" needs the model's tokenizer.json", text));
  Ids ids;
  for (const base::TokenId token : SY_TRY(tokenizer->encode(text)))
    ids.push_back(token.value);
  return ids;
}

Result<Ids> idsOfClass(const tokenizer::Tokenizer* tokenizer, std::string_view name) {
  if (!tokenizer)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("token class \"{}\" needs the model's tokenizer.json", name));
  return tokenClass(*tokenizer, name);
}

} // namespace

Result<routing::Recipe> readRecipe(const std::filesystem::path& path) {
  if (const std::string text = path.string(); text.starts_with('{'))
    return routing::parseRecipe(text, {.file = "--recipe"});
  const std::string text = SY_TRY(base::readTextFile(path, routing::kMaxRecipeBytes));
  return routing::parseRecipe(text, {.file = path.string()});
}

Result<ResolvedStep> resolveStep(const routing::RecipeStep& step,
                                 const plugin::Registry& registry) {
  ResolvedStep resolved;
  resolved.manifest = SY_TRY(registry.find(step.plugin, plugin::Kind::Router));
  const bool hasExperts = hasExpertsOption(resolved.manifest);
  const routing::RecipeStep merged = hasExperts ? SY_TRY(routing::mergeExperts(step)) : step;
  nlohmann::json options = SY_TRY(base::parseJson(merged.options, {}, {}));
  // Recipes may write an expert of every layer as a number: 17 is "17".
  if (hasExperts && options.is_object() && options.contains("experts") &&
      options["experts"].is_array())
    for (nlohmann::json& expert : options["experts"])
      if (expert.is_number_unsigned())
        expert = fmt::to_string(expert.get<std::uint64_t>());
  resolved.options = SY_TRY(
      plugin::parseOptions(resolved.manifest.options, options, resolved.manifest.shortName()));
  resolved.scope = merged.scope;
  return resolved;
}

Result<Steering> makeSteering(const routing::Recipe& recipe, plugin::Registry* registry,
                              const tokenizer::Tokenizer* tokenizer,
                              const plugin::HostContext& context) {
  Steering steering;
  routing::RecipeContext resolver;
  if (registry) {
    resolver.make =
        [&](const routing::RecipeStep& step) -> Result<std::unique_ptr<routing::Policy>> {
      const ResolvedStep resolved = SY_TRY(resolveStep(step, *registry));
      steering.steps.push_back(describe(resolved));
      return registry->policy(resolved.manifest.id, resolved.options, context);
    };
    resolver.actsOnExperts = [&](const std::string& name) {
      const auto manifest = registry->find(name, plugin::Kind::Router);
      return manifest && hasExpertsOption(*manifest);
    };
  }
  resolver.encode = [&](std::string_view text) { return encodeMarker(tokenizer, text); };
  resolver.tokensOfClass = [&](std::string_view name) { return idsOfClass(tokenizer, name); };
  steering.policy = SY_TRY(routing::buildRecipe(recipe, resolver));
  steering.recipe = routing::toJson(recipe);
  return steering;
}

Result<std::unique_ptr<routing::Policy>> makePolicy(const routing::Recipe& recipe,
                                                    plugin::Registry* registry,
                                                    const tokenizer::Tokenizer* tokenizer,
                                                    const plugin::HostContext& context) {
  return SY_TRY(makeSteering(recipe, registry, tokenizer, context)).policy;
}

} // namespace switchyard::jobs
