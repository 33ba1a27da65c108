#include "app/jobs/recipes.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/token_classes.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/routing/policies/catalog.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using Ids = std::vector<std::int32_t>;

Result<std::unique_ptr<routing::Policy>> makeOne(const routing::RecipeStep& step,
                                                 plugin::Registry* registry,
                                                 const plugin::HostContext& context) {
  const nlohmann::json options = SY_TRY(base::parseJson(step.options, {}, {}));
  const auto steps = routing::builtInSteps();
  const bool builtIn = std::ranges::find(steps, step.plugin, &routing::StepInfo::id) != steps.end();
  if (builtIn || !registry)
    return routing::makeStep(step.plugin, options);
  const plugin::Manifest manifest = SY_TRY(registry->find(step.plugin, plugin::Kind::Router));
  const plugin::OptionValues values =
      SY_TRY(plugin::parseOptions(manifest.options, options, manifest.shortName()));
  return registry->policy(manifest.id, values, context);
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
  const std::string text = SY_TRY(base::readTextFile(path, routing::kMaxRecipeBytes));
  return routing::parseRecipe(text, {.file = path.string()});
}

Result<std::unique_ptr<routing::Policy>> makePolicy(const routing::Recipe& recipe,
                                                    plugin::Registry* registry,
                                                    const tokenizer::Tokenizer* tokenizer,
                                                    const plugin::HostContext& context) {
  routing::RecipeContext resolve;
  resolve.make = [&](const routing::RecipeStep& step) { return makeOne(step, registry, context); };
  resolve.encode = [&](std::string_view text) { return encodeMarker(tokenizer, text); };
  resolve.tokensOfClass = [&](std::string_view name) { return idsOfClass(tokenizer, name); };
  return routing::buildRecipe(recipe, resolve);
}

} // namespace switchyard::jobs
