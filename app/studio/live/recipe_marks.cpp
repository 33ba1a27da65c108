#include "app/studio/live/recipe_marks.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace switchyard::studio {

namespace {

struct Place {
  std::optional<int> layer; ///< position in the stack; none: every layer
  int expert = 0;
};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// 17, "17" or "3:17".
std::optional<Place> placeOf(const nlohmann::json& entry) {
  if (entry.is_number_integer())
    return Place{std::nullopt, entry.get<int>()};
  if (!entry.is_string())
    return std::nullopt;
  const std::string text = entry.get<std::string>();
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    const auto expert = number(text);
    return expert ? std::optional(Place{std::nullopt, *expert}) : std::nullopt;
  }
  const auto layer = number(std::string_view(text).substr(0, colon));
  const auto expert = number(std::string_view(text).substr(colon + 1));
  return layer && expert ? std::optional(Place{*layer, *expert}) : std::nullopt;
}

/// Of the option `experts` or of the scope: a recipe may name them in either place.
std::vector<Place> placesOf(const routing::RecipeStep& step) {
  std::vector<Place> places;
  const nlohmann::json options = nlohmann::json::parse(step.options, nullptr, false);
  if (options.is_object() && options.contains("experts") && options["experts"].is_array())
    for (const nlohmann::json& entry : options["experts"])
      if (const std::optional<Place> place = placeOf(entry))
        places.push_back(*place);
  for (const routing::ExpertRef& expert : step.scope.experts)
    places.push_back({expert.layer, expert.expert});
  return places;
}

std::optional<RecipeMark::Kind> kindOf(const std::string& plugin) {
  if (plugin == "ban")
    return RecipeMark::Ban;
  if (plugin == "boost")
    return RecipeMark::Boost;
  if (plugin == "force")
    return RecipeMark::Force;
  return std::nullopt;
}

} // namespace

std::vector<RecipeMark> recipeMarks(const routing::Recipe& recipe, const TrackShape& shape) {
  std::vector<RecipeMark> marks;
  for (const routing::RecipeStep& step : recipe.steps) {
    const auto kind = kindOf(step.plugin);
    if (!step.enabled || !kind)
      continue;
    for (const Place& place : placesOf(step)) {
      for (std::size_t l = 0; l < shape.layers.size(); ++l) {
        const trace::LayerInfo& info = shape.layers[l];
        const bool inScope =
            step.scope.layers.empty() ||
            std::ranges::find(step.scope.layers, info.layer) != step.scope.layers.end();
        if (inScope && (!place.layer || *place.layer == info.layer) && place.expert >= 0 &&
            place.expert < info.experts)
          marks.push_back({{static_cast<int>(l), place.expert}, *kind});
      }
    }
  }
  return marks;
}

} // namespace switchyard::studio
