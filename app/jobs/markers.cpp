#include "app/jobs/markers.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "core/routing/recipe.h"

namespace switchyard::jobs {

namespace {

struct Marker {
  std::string text;
  double coefficient = 1;
};

/// "Wait=-1" -> {"Wait", -1}; a text whose last '=' is not followed by a number is taken whole.
Marker splitMarker(const std::string& given) {
  const auto equals = given.rfind('=');
  if (equals == std::string::npos || equals == 0)
    return {given, 1};
  double coefficient = 0;
  const char* begin = given.data() + equals + 1;
  const char* end = given.data() + given.size();
  if (*begin == '+')
    ++begin;
  const auto [rest, error] = std::from_chars(begin, end, coefficient);
  if (error != std::errc() || rest != end)
    return {given, 1};
  return {given.substr(0, equals), coefficient};
}

std::vector<std::int32_t> idsOf(const std::vector<base::TokenId>& tokens) {
  std::vector<std::int32_t> ids;
  for (const base::TokenId token : tokens)
    ids.push_back(token.value);
  return ids;
}

bool endsWith(const std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& end) {
  return ids.size() >= end.size() && std::equal(end.rbegin(), end.rend(), ids.rbegin());
}

std::int64_t integerOf(const trace::Cell& cell) {
  const auto* value = std::get_if<std::int64_t>(&cell);
  return value ? *value : -1;
}

} // namespace

std::vector<std::string> defaultMarkers() {
  return {"<think>=1", "</think>=-1"};
}

base::Result<std::vector<analyzers::Marker>> readMarkers(const std::vector<std::string>& markers,
                                                         const tokenizer::Tokenizer& tokenizer) {
  std::vector<analyzers::Marker> read;
  for (const std::string& given : markers) {
    const Marker marker = splitMarker(given);
    if (marker.text.empty())
      return base::fail(base::ErrorCode::InvalidArgument, "a marker has no text");
    analyzers::Marker& out = read.emplace_back();
    out.name = marker.text;
    out.coefficient = marker.coefficient;
    out.spellings.push_back(idsOf(SY_TRY(tokenizer.encode(marker.text))));
    std::vector<std::int32_t> spaced = idsOf(SY_TRY(tokenizer.encode(" " + marker.text)));
    // " <think>" is a space and the same control token: not another spelling.
    if (!endsWith(spaced, out.spellings.front()))
      out.spellings.push_back(std::move(spaced));
  }
  return read;
}

base::Result<plugin::OptionArguments> markerArguments(const std::vector<std::string>& markers,
                                                      const tokenizer::Tokenizer& tokenizer) {
  plugin::OptionArguments arguments;
  for (const analyzers::Marker& marker : SY_TRY(readMarkers(markers, tokenizer))) {
    std::string spellings;
    for (const std::vector<std::int32_t>& ids : marker.spellings)
      spellings += fmt::format("{}{}", spellings.empty() ? "" : "|", fmt::join(ids, " "));
    std::string name = marker.name;
    std::ranges::replace(name, ',', ';'); // commas separate the values of a list
    arguments.emplace_back("markers", fmt::format("{}:{}:{}", name, marker.coefficient, spellings));
  }
  return arguments;
}

std::string steeringRecipe(const trace::AnalysisResult& result, double multiplier,
                           const std::string& where) {
  const auto table = std::ranges::find(result.tables, "npmi_controls", &trace::Table::name);
  if (table == result.tables.end())
    return {};
  nlohmann::json experts = nlohmann::json::array();
  for (const auto& row : table->rows) {
    const auto* role = std::get_if<std::string>(&row[0]);
    if (role && *role == "recommended")
      experts.push_back(fmt::format("{}:{}", integerOf(row[2]), integerOf(row[3])));
  }
  if (experts.empty())
    return {};
  routing::Recipe recipe;
  recipe.name = "npmi-steer";
  recipe.description = "Experts that nPMI associates most with the markers, multiplied";
  routing::RecipeStep step;
  step.plugin = "npmi-steer";
  step.options =
      nlohmann::json{{"experts", experts}, {"multiplier", multiplier}, {"where", where}}.dump();
  recipe.steps.push_back(std::move(step));
  return routing::toJson(recipe);
}

} // namespace switchyard::jobs
