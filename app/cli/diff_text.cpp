#include "app/cli/diff_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/encoding.h"

namespace switchyard::cli {

namespace {

/// A value in a line of text: short, and nothing that a terminal would act on.
std::string shown(const std::string& value) {
  std::string text = value.substr(0, 60) + (value.size() > 60 ? "..." : "");
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return analyzers::report::validUtf8(text);
}

} // namespace

std::string toText(const jobs::experiment::NumberDiff& diff, std::size_t most) {
  std::string out;
  std::size_t lines = 0;
  const auto add = [&](std::string line) {
    if (lines++ < most)
      out += line + "\n";
  };
  for (const auto& change : diff.changed)
    add(change.by ? fmt::format("{}: {} -> {} ({:+.6g})", shown(change.place), shown(change.a),
                                shown(change.b), *change.by)
                  : fmt::format("{}: \"{}\" -> \"{}\"", shown(change.place), shown(change.a),
                                shown(change.b)));
  for (const std::string& place : diff.onlyA)
    add("only in the first: " + shown(place));
  for (const std::string& place : diff.onlyB)
    add("only in the second: " + shown(place));
  if (lines > most)
    out += fmt::format("... and {} more (--json lists all)\n", lines - most);
  return out;
}

nlohmann::json toJson(const jobs::experiment::NumberDiff& diff) {
  nlohmann::json changed = nlohmann::json::array();
  for (const auto& change : diff.changed)
    changed.push_back({{"number", change.place},
                       {"a", change.a},
                       {"b", change.b},
                       {"by", change.by ? nlohmann::json(*change.by) : nlohmann::json()}});
  return {{"same", diff.same},
          {"changed", changed},
          {"only_a", diff.onlyA},
          {"only_b", diff.onlyB},
          {"equal", diff.equal()}};
}

} // namespace switchyard::cli
