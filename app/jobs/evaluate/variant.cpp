#include "app/jobs/evaluate/variant.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/command_line.h"
#include "app/jobs/evaluate/named_options.h"
#include "app/jobs/option_json.h"
#include "app/jobs/recipes.h"

namespace switchyard::jobs::evaluate {

using base::Result;

std::string Variant::key() const {
  return nlohmann::json{
      {"recipe", recipe}, {"decoder", decoder}, {"options", decoderOptions}, {"plugins", plugins}}
      .dump();
}

Variant baseVariant() {
  Variant variant;
  variant.name = "base";
  return variant;
}

Result<Variant> recipeVariant(const std::filesystem::path& path) {
  const routing::Recipe recipe = SY_TRY(readRecipe(path));
  Variant variant;
  variant.name = recipe.name.empty() ? path.stem().string() : recipe.name;
  variant.recipe = routing::toJson(recipe);
  variant.given = "--recipe " + shellQuoted(path.string());
  return variant;
}

Result<Variant> decoderVariant(std::string_view word, const plugin::OptionArguments& more,
                               const plugin::Registry& registry) {
  const NamedOptions named = SY_TRY(parseNamedOptions(word));
  const plugin::Manifest manifest = SY_TRY(registry.find(named.name, plugin::Kind::Decoder));
  plugin::OptionArguments arguments = named.options;
  for (const auto& argument : more)
    if (std::ranges::find(named.options, argument.first, [](const auto& o) { return o.first; }) ==
        named.options.end())
      arguments.push_back(argument);
  const plugin::OptionValues values =
      SY_TRY(plugin::parseOptions(manifest.options, arguments, manifest.shortName()));
  Variant variant;
  const NamedOptions full{manifest.shortName(), arguments};
  variant.name = describe(full);
  variant.decoder = manifest.shortName();
  variant.decoderOptions = givenOptions(values).dump();
  variant.arguments = arguments;
  variant.given = "--decoder " + shellQuoted(describe(full));
  return variant;
}

Result<Variant> pairVariant(const std::filesystem::path& recipe, std::string_view decoder,
                            const plugin::OptionArguments& more, const plugin::Registry& registry) {
  const Variant routed = SY_TRY(recipeVariant(recipe));
  Variant variant = SY_TRY(decoderVariant(decoder, more, registry));
  variant.given =
      fmt::format("--pair {} {}", shellQuoted(recipe.string()), shellQuoted(variant.name));
  variant.name = fmt::format("{} + {}", routed.name, variant.name);
  variant.recipe = routed.recipe;
  return variant;
}

Result<void> notePlugins(Variant& variant, const plugin::Registry& registry) {
  const auto note = [&](const std::string& name, plugin::Kind kind) -> Result<void> {
    const plugin::Manifest manifest = SY_TRY(registry.find(name, kind));
    variant.plugins.push_back(manifest.id + " " + manifest.version);
    return {};
  };
  variant.plugins.clear();
  if (!variant.decoder.empty())
    SY_TRY(note(variant.decoder, plugin::Kind::Decoder));
  if (variant.recipe.empty())
    return {};
  const routing::Recipe recipe =
      SY_TRY(routing::parseRecipe(variant.recipe, {.file = variant.name}));
  for (const routing::RecipeStep& step : recipe.steps)
    if (step.enabled)
      SY_TRY(note(step.plugin, plugin::Kind::Router));
  return {};
}

Result<std::vector<Variant>> withBase(std::vector<Variant> variants) {
  variants.insert(variants.begin(), baseVariant());
  for (std::size_t i = 1; i < variants.size(); ++i) {
    const auto before = std::span(variants).first(i);
    const std::string name = variants[i].name;
    for (int number = 2;
         std::ranges::find(before, variants[i].name, &Variant::name) != before.end(); ++number)
      variants[i].name = fmt::format("{} {}", name, number);
    for (const Variant& other : before.subspan(1))
      if (other.key() == variants[i].key())
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("variants \"{}\" and \"{}\" are the same", other.name, name));
  }
  return variants;
}

} // namespace switchyard::jobs::evaluate
