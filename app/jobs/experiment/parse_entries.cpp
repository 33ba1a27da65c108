#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "app/jobs/experiment/parse_parts.h"
#include "app/jobs/experiment/template.h"
#include "core/base/file.h"
#include "core/routing/recipe.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

/// Names stand in the names of cells, in file names and on command lines.
Result<void> checkName(const std::string& name, const std::string& at, const base::Where& where,
                       std::set<std::string>& names) {
  const bool bad = name.empty() || name.size() > 200 || std::ranges::any_of(name, [](char c) {
                     return static_cast<unsigned char>(c) < 0x20 || c == '/';
                   });
  if (bad)
    return base::fail(
        base::ErrorCode::InvalidFormat,
        fmt::format("{}: \"{}\" is no name; names have 1 to 200 bytes and no \"/\"", at, name),
        where);
  if (!names.insert(name).second)
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("{}: the name \"{}\" appears twice; write \"name\" with {{...}} "
                                  "of what varies",
                                  at, name),
                      where);
  return {};
}

Result<std::string> recipeText(const json& value, const std::string& name,
                               const std::filesystem::path& folder, const std::string& at,
                               const base::Where& where) {
  if (!value.is_string() && !value.is_object())
    return base::fail(base::ErrorCode::InvalidFormat,
                      at + ": a recipe is an object with \"steps\", or the path of a file", where);
  std::string text;
  base::Where inside{.file = fmt::format("{}: {}", where.file, at)};
  if (value.is_string()) {
    const std::filesystem::path path = (folder / value.get<std::string>()).lexically_normal();
    text = SY_TRY(base::readTextFile(path, routing::kMaxRecipeBytes));
    inside.file = path.string();
  } else {
    text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  routing::Recipe recipe = SY_TRY(routing::parseRecipe(text, inside));
  recipe.name = name;
  return routing::toJson(recipe);
}

} // namespace

Result<std::vector<RecipeEntry>> readRecipes(const json* list, const std::filesystem::path& folder,
                                             const base::Where& where) {
  std::vector<RecipeEntry> entries = {{kBase, ""}};
  std::set<std::string> names = {kBase};
  if (!list)
    return entries;
  if (!list->is_array())
    return base::fail(base::ErrorCode::InvalidFormat, "recipes: it is not a list", where);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = fmt::format("recipes[{}]", i);
    for (Instance& instance : SY_TRY(instantiate((*list)[i], at, where))) {
      RecipeEntry entry;
      if (instance.entry.is_string())
        instance.entry = json{{"recipe", instance.entry}};
      Fields fields = SY_TRY(Fields::of(instance.entry, at, where));
      SY_TRY(fields.text("name", entry.name));
      entry.axis = {instance.variable, instance.at, instance.others};
      SY_TRY(fields.text("series", entry.axis.series));
      const json* recipe = fields.find("recipe");
      if (!recipe)
        return fields.fail("it has no \"recipe\"");
      SY_TRY(fields.end());
      if (entry.name.empty() && recipe->is_object() && recipe->value("name", json()).is_string())
        entry.name = (*recipe)["name"].get<std::string>();
      if (entry.name.empty())
        entry.name = !instance.values.empty() ? instance.values
                     : recipe->is_string()
                         ? std::filesystem::path(recipe->get<std::string>()).stem().string()
                         : fmt::format("recipe {}", i + 1);
      SY_TRY(checkName(entry.name, at, where, names));
      entry.recipe = SY_TRY(recipeText(*recipe, entry.name, folder, at, where));
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

Result<std::vector<DecoderEntry>> readDecoders(const json* list, const base::Where& where) {
  std::vector<DecoderEntry> entries = {{kPlain, ""}};
  std::set<std::string> names = {kPlain};
  if (!list)
    return entries;
  if (!list->is_array())
    return base::fail(base::ErrorCode::InvalidFormat, "decoders: it is not a list", where);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = fmt::format("decoders[{}]", i);
    for (Instance& instance : SY_TRY(instantiate((*list)[i], at, where))) {
      DecoderEntry entry;
      if (instance.entry.is_string())
        instance.entry = json{{"decoder", instance.entry}};
      Fields fields = SY_TRY(Fields::of(instance.entry, at, where));
      SY_TRY(fields.text("name", entry.name));
      SY_TRY(fields.text("decoder", entry.word));
      entry.axis = {instance.variable, instance.at, instance.others};
      SY_TRY(fields.text("series", entry.axis.series));
      SY_TRY(fields.end());
      if (entry.word.empty())
        return fields.fail("it has no \"decoder\"");
      if (entry.name.empty())
        entry.name = instance.values.empty() ? entry.word : instance.values;
      SY_TRY(checkName(entry.name, at, where, names));
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

} // namespace switchyard::jobs::experiment
