#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/routing/policies/options.h"
#include "core/routing/recipe.h"

namespace switchyard::routing {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

namespace {

constexpr std::int64_t kOpenEnd = std::numeric_limits<std::int64_t>::max();

/// One recipe's parse, so that every error says where.
class Parser {
public:
  explicit Parser(const base::Where& where) : m_where(where) {}

  Result<Recipe> recipe(const json& document) {
    SY_TRY(object(document, "the recipe", {"name", "description", "steps"}));
    Recipe recipe;
    recipe.name = SY_TRY(text(document, "name", "the recipe"));
    recipe.description = SY_TRY(text(document, "description", "the recipe"));
    const auto steps = document.find("steps");
    if (steps == document.end() || !steps->is_array())
      return refuse("the recipe needs 'steps', a list");
    if (steps->size() > kMaxRecipeSteps)
      return base::fail(
          ErrorCode::LimitExceeded,
          fmt::format("the recipe has {} steps, at most {}", steps->size(), kMaxRecipeSteps),
          m_where);
    for (std::size_t i = 0; i < steps->size(); ++i)
      recipe.steps.push_back(SY_TRY(step((*steps)[i], fmt::format("step {}", i + 1))));
    return recipe;
  }

private:
  tl::unexpected<base::Error> refuse(std::string message) const {
    return base::fail(ErrorCode::InvalidFormat, std::move(message), m_where);
  }

  Result<void> object(const json& value, std::string_view what,
                      std::vector<std::string_view> known) const {
    if (!value.is_object())
      return refuse(fmt::format("{} must be a JSON object", what));
    for (const auto& item : value.items())
      if (std::ranges::find(known, item.key()) == known.end())
        return refuse(fmt::format("{} has an unknown key '{}'; there are: {}", what, item.key(),
                                  fmt::join(known, ", ")));
    return {};
  }

  Result<std::string> text(const json& value, const char* key, std::string_view what) const {
    const auto found = value.find(key);
    if (found == value.end())
      return std::string();
    if (!found->is_string())
      return refuse(fmt::format("{}: '{}' must be text", what, key));
    return found->get<std::string>();
  }

  Result<RecipeStep> step(const json& value, const std::string& what) const {
    SY_TRY(object(value, what, {"plugin", "options", "scope", "enabled"}));
    RecipeStep step;
    step.plugin = SY_TRY(text(value, "plugin", what));
    if (step.plugin.empty())
      return refuse(fmt::format("{} needs 'plugin', the name of a router", what));
    const json options = value.value("options", json::object());
    if (!options.is_object())
      return refuse(fmt::format("{}: 'options' must be a JSON object", what));
    step.options = options.dump();
    const auto enabled = value.find("enabled");
    if (enabled != value.end() && !enabled->is_boolean())
      return refuse(fmt::format("{}: 'enabled' must be true or false", what));
    step.enabled = enabled == value.end() || enabled->get<bool>();
    if (value.contains("scope"))
      step.scope = SY_TRY(scope(value["scope"], what + ", scope"));
    return step;
  }

  Result<RecipeScope> scope(const json& value, const std::string& what) const {
    SY_TRY(object(
        value, what,
        {"layers", "experts", "positions", "phase", "token-classes", "token-ids", "inside"}));
    RecipeScope scope;
    scope.layers = SY_TRY(ids(value, "layers", what));
    scope.tokenIds = SY_TRY(ids(value, "token-ids", what));
    OptionReader reader(what, value);
    auto experts = reader.experts("experts");
    if (!experts)
      return refuse(experts.error().message);
    scope.experts = std::move(*experts);
    const std::string phase = SY_TRY(text(value, "phase", what));
    if (phase == "prompt" || phase == "generated")
      scope.phase = phase == "prompt" ? Phase::Prompt : Phase::Generated;
    else if (value.contains("phase"))
      return refuse(fmt::format("{}: 'phase' must be prompt or generated", what));
    if (value.contains("positions"))
      scope.positions = SY_TRY(positions(value["positions"], what));
    const json classes = value.value("token-classes", json::array());
    if (!classes.is_array() || (value.contains("token-classes") && classes.empty()))
      return refuse(fmt::format("{}: 'token-classes' must be a list of names", what));
    for (const json& name : classes) {
      if (!name.is_string() || name.get_ref<const std::string&>().empty())
        return refuse(fmt::format("{}: 'token-classes' must be a list of names", what));
      scope.tokenClasses.push_back(name.get<std::string>());
    }
    if (value.contains("inside")) {
      const json& inside = value["inside"];
      SY_TRY(object(inside, what + ", inside", {"open", "close"}));
      scope.open = SY_TRY(text(inside, "open", what));
      scope.close = SY_TRY(text(inside, "close", what));
      if (scope.open.empty() || scope.close.empty())
        return refuse(fmt::format("{}: 'inside' needs the texts 'open' and 'close'", what));
    }
    return scope;
  }

  Result<std::vector<std::int32_t>> ids(const json& value, const char* key,
                                        std::string_view what) const {
    std::vector<std::int32_t> ids;
    const auto found = value.find(key);
    if (found == value.end())
      return ids;
    OptionReader reader(what, value);
    auto numbers = reader.integers(key, 0, std::numeric_limits<std::int32_t>::max());
    if (!numbers)
      return refuse(numbers.error().message);
    if (numbers->empty())
      return refuse(fmt::format("{}: '{}' is empty, so the step would never act", what, key));
    ids.assign(numbers->begin(), numbers->end());
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }

  Result<std::vector<PositionRange>> positions(const json& list, std::string_view what) const {
    std::vector<PositionRange> ranges;
    const auto position = [](const json& value) {
      return value.is_number_unsigned() && value.get<std::uint64_t>() < (std::uint64_t{1} << 62);
    };
    bool valid = list.is_array() && !list.empty();
    for (std::size_t i = 0; valid && i < list.size(); ++i) {
      const json& pair = list[i];
      valid = pair.is_array() && pair.size() == 2 && position(pair[0]) &&
              (pair[1].is_null() || position(pair[1]));
      if (!valid)
        break;
      const PositionRange range{pair[0].get<std::int64_t>(),
                                pair[1].is_null() ? kOpenEnd : pair[1].get<std::int64_t>()};
      valid = range.from < range.to;
      ranges.push_back(range);
    }
    if (!valid)
      return refuse(fmt::format("{}: 'positions' must be a list of [from, to] with from < to; to "
                                "may be null",
                                what));
    return ranges;
  }

  const base::Where& m_where;
};

} // namespace

Result<Recipe> parseRecipe(std::string_view text, const base::Where& where) {
  const json document =
      SY_TRY(base::parseJson(text, {.maxBytes = kMaxRecipeBytes, .maxDepth = 16}, where));
  return Parser(where).recipe(document);
}

} // namespace switchyard::routing
