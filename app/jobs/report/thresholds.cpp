#include "app/jobs/report/thresholds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/encoding.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::report {

namespace {

using analyzers::report::shortNumber;
using base::ErrorCode;
using base::Result;
using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

struct Bound {
  std::string result, headline, table, column;
  std::optional<double> min, max;

  std::string name() const {
    return headline.empty() ? fmt::format("{}: {}.{}", result, table, column)
                            : fmt::format("{}: {}", result, headline);
  }
};

Result<Bound> parse(const json& from, std::size_t index, const base::Where& where) {
  const auto wrong = [&](const std::string& what) {
    return base::fail(ErrorCode::InvalidFormat, fmt::format("check {}: {}", index + 1, what),
                      where);
  };
  if (!from.is_object())
    return wrong("an object is expected");
  Bound bound;
  for (const auto& [key, value] : from.items()) {
    const std::array<std::pair<const char*, std::string*>, 4> texts{{{"result", &bound.result},
                                                                     {"headline", &bound.headline},
                                                                     {"table", &bound.table},
                                                                     {"column", &bound.column}}};
    const auto text = std::ranges::find_if(texts, [&](const auto& t) { return key == t.first; });
    if (text != texts.end() && value.is_string())
      *text->second = value.get<std::string>();
    else if ((key == "min" || key == "max") && value.is_number())
      (key == "min" ? bound.min : bound.max) = value.get<double>();
    else
      return wrong(fmt::format("\"{}\" is not a key of a check, or not of its type", key));
  }
  const bool cells = !bound.table.empty() && !bound.column.empty();
  if (bound.result.empty() || bound.headline.empty() != cells)
    return wrong("name a \"result\", and a \"headline\" or a \"table\" with a \"column\"");
  if (!bound.min && !bound.max)
    return wrong("give \"min\" or \"max\"");
  return bound;
}

std::optional<double> numberOf(const trace::Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell))
    return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&cell); real != nullptr && !std::isnan(*real))
    return *real;
  return std::nullopt;
}

/// The numbers that a bound speaks of, in order.
std::vector<double> numbersOf(const Document& document, const Bound& bound) {
  std::vector<double> numbers;
  const auto keep = [&](const trace::Cell& cell) {
    if (const auto number = numberOf(cell))
      numbers.push_back(*number);
  };
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results) {
      if (plugin != bound.result)
        continue;
      for (const trace::Headline& headline : result.headlines)
        if (headline.name == bound.headline)
          keep(headline.value);
      for (const trace::Table& table : result.tables) {
        const auto column = std::ranges::find(table.columns, bound.column, &trace::Column::name);
        if (table.name != bound.table || column == table.columns.end())
          continue;
        for (const auto& row : table.rows)
          keep(row[static_cast<std::size_t>(column - table.columns.begin())]);
      }
    }
  return numbers;
}

Check held(const Document& document, const Bound& bound) {
  const std::vector<double> numbers = numbersOf(document, bound);
  if (numbers.empty())
    return {bound.name(), false, "the results hold no such number"};
  const auto [least, most] = std::ranges::minmax(numbers);
  const bool low = bound.min && least < *bound.min;
  const bool high = bound.max && most > *bound.max;
  const double shown = high ? most : bound.min ? least : most;
  std::string limits;
  if (bound.min)
    limits += fmt::format("at least {}", shortNumber(*bound.min));
  if (bound.max)
    limits += fmt::format("{}at most {}", limits.empty() ? "" : " and ", shortNumber(*bound.max));
  return {bound.name(), !low && !high,
          fmt::format("{} is {}{}", shortNumber(shown), low || high ? "not " : "", limits)};
}

} // namespace

Result<std::vector<Check>> check(const Document& document,
                                 const std::filesystem::path& thresholds) {
  const base::Where where{.file = thresholds.string()};
  const std::string text = SY_TRY(base::readTextFile(thresholds, kMaxBytes));
  const json from = SY_TRY(base::parseJson(text, {.maxBytes = kMaxBytes, .maxDepth = 8}, where));
  if (!from.is_object() || from.size() != 1 || !from.contains("checks") ||
      !from["checks"].is_array() || from["checks"].empty())
    return base::fail(ErrorCode::InvalidFormat, "an object with a list \"checks\" is expected",
                      where);
  std::vector<Check> checks;
  for (const json& each : from["checks"])
    checks.push_back(held(document, SY_TRY(parse(each, checks.size(), where))));
  return checks;
}

} // namespace switchyard::jobs::report
