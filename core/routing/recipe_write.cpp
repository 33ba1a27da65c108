#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/routing/recipe.h"

namespace switchyard::routing {

using nlohmann::json;

namespace {

json scopeJson(const RecipeScope& scope) {
  json value = json::object();
  if (!scope.layers.empty())
    value["layers"] = scope.layers;
  if (!scope.experts.empty())
    value["experts"] = toJson(scope.experts);
  for (const PositionRange& range : scope.positions) {
    const bool openEnd = range.to == std::numeric_limits<std::int64_t>::max();
    value["positions"].push_back(
        json::array({json(range.from), openEnd ? json(nullptr) : json(range.to)}));
  }
  if (scope.phase)
    value["phase"] = *scope.phase == Phase::Prompt ? "prompt" : "generated";
  if (!scope.tokenClasses.empty())
    value["token-classes"] = scope.tokenClasses;
  if (!scope.tokenIds.empty())
    value["token-ids"] = scope.tokenIds;
  if (!scope.open.empty())
    value["inside"] = {{"open", scope.open}, {"close", scope.close}};
  return value;
}

json optionsJson(const RecipeStep& step) {
  json options = json::parse(step.options, nullptr, false);
  return options.is_object() ? options : json::object();
}

json stepJson(const RecipeStep& step) {
  json value = {{"plugin", step.plugin}};
  if (const json options = optionsJson(step); !options.empty())
    value["options"] = options;
  if (const json scope = scopeJson(step.scope); !scope.empty())
    value["scope"] = scope;
  if (!step.enabled)
    value["enabled"] = false;
  return value;
}

/// Pairs (index before, index after) of a longest common subsequence of plugin names.
std::vector<std::pair<std::size_t, std::size_t>> matchSteps(const Recipe& before,
                                                            const Recipe& after) {
  const std::size_t rows = before.steps.size();
  const std::size_t columns = after.steps.size();
  std::vector<std::vector<std::size_t>> length(rows + 1, std::vector<std::size_t>(columns + 1, 0));
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      length[i][j] = before.steps[i].plugin == after.steps[j].plugin
                         ? length[i + 1][j + 1] + 1
                         : std::max(length[i + 1][j], length[i][j + 1]);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows && j < columns) {
    if (before.steps[i].plugin == after.steps[j].plugin)
      pairs.emplace_back(i++, j++);
    else if (length[i + 1][j] >= length[i][j + 1])
      ++i;
    else
      ++j;
  }
  return pairs;
}

std::string shown(const json& object, const std::string& key) {
  return object.contains(key) ? object[key].dump() : "(default)";
}

void diffObjects(const json& before, const json& after, const std::string& label,
                 std::vector<std::string>& lines) {
  json keys = before;
  keys.update(after);
  for (const auto& item : keys.items()) {
    const std::string& key = item.key();
    const std::string old = shown(before, key);
    const std::string now = shown(after, key);
    if (old != now)
      lines.push_back(fmt::format("{}{} {} -> {}", label, key, old, now));
  }
}

} // namespace

std::string toJson(const Recipe& recipe) {
  json value = {{"steps", json::array()}};
  if (!recipe.name.empty())
    value["name"] = recipe.name;
  if (!recipe.description.empty())
    value["description"] = recipe.description;
  for (const RecipeStep& step : recipe.steps)
    value["steps"].push_back(stepJson(step));
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::vector<std::string> diffRecipes(const Recipe& before, const Recipe& after) {
  std::vector<std::string> lines;
  if (before.name != after.name)
    lines.push_back(fmt::format("~ name \"{}\" -> \"{}\"", before.name, after.name));
  if (before.description != after.description)
    lines.emplace_back("~ description");
  std::size_t i = 0;
  std::size_t j = 0;
  const auto flush = [&](std::size_t endBefore, std::size_t endAfter) {
    for (; i < endBefore; ++i)
      lines.push_back(fmt::format("- step {} {}", i + 1, stepJson(before.steps[i]).dump()));
    for (; j < endAfter; ++j)
      lines.push_back(fmt::format("+ step {} {}", j + 1, stepJson(after.steps[j]).dump()));
  };
  for (const auto& match : matchSteps(before, after)) {
    flush(match.first, match.second);
    const RecipeStep& old = before.steps[i];
    const RecipeStep& now = after.steps[j];
    const std::string label = fmt::format("~ step {} ({}): ", j + 1, now.plugin);
    diffObjects(optionsJson(old), optionsJson(now), label + "options.", lines);
    diffObjects(scopeJson(old.scope), scopeJson(now.scope), label + "scope.", lines);
    if (old.enabled != now.enabled)
      lines.push_back(fmt::format("{}enabled {} -> {}", label, old.enabled, now.enabled));
    ++i;
    ++j;
  }
  flush(before.steps.size(), after.steps.size());
  return lines;
}

} // namespace switchyard::routing
