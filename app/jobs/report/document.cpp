#include "app/jobs/report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/encoding.h"
#include "analyzers/report/read_json.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::report {

namespace {

using base::ErrorCode;
using analyzers::report::shortNumber;

constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

} // namespace

base::Result<Part> readPart(const std::filesystem::path& path) {
  std::error_code ignored;
  Part part;
  part.source = std::filesystem::is_directory(path, ignored) ? path / "analysis.json" : path;
  const base::Where where{.file = part.source.string()};
  const std::string text = SY_TRY(base::readTextFile(part.source, kMaxBytes));
  const nlohmann::json json =
      SY_TRY(base::parseJson(text, {.maxBytes = kMaxBytes, .maxDepth = 64}, where));
  const auto results = json.find("results");
  if (!json.is_object() || results == json.end() || !results->is_object())
    return base::fail(ErrorCode::InvalidFormat,
                      "no results are in it; give a folder that a verb wrote with --out, or its "
                      "analysis.json",
                      where);
  try {
    part.program = json.value("program", "");
    part.command = json.value("command", "");
    part.traceId = json.value("trace", "");
    part.notices = json.value("notices", std::vector<std::string>());
  } catch (const nlohmann::json::exception& exception) {
    return base::fail(ErrorCode::InvalidFormat,
                      fmt::format("not a result of Switchyard: {}", exception.what()), where);
  }
  for (const auto& [plugin, result] : results->items())
    part.results.emplace_back(plugin,
                              SY_TRY(analyzers::report::resultFromJson(result, where)));
  return part;
}

std::string methods(const std::string& plugin, const trace::AnalysisResult& result) {
  const trace::Provenance& p = result.provenance;
  std::string text = fmt::format("{} ({} {})", plugin, p.analyzer, p.version);
  if (p.tokens > 0)
    text += fmt::format(" read {} tokens of {} sequences", p.tokens, p.sequences);
  if (!p.filter.empty())
    text += fmt::format("{}: {}", p.tokens > 0 ? "" : " read", p.filter);
  text += ".";
  if (!p.formula.empty())
    text += fmt::format(" Formula: {}.", p.formula);
  std::string options;
  for (const auto& [name, value] : p.options)
    options += fmt::format("{}{} = {}", options.empty() ? "" : ", ", name, value);
  if (!options.empty())
    text += fmt::format(" Options: {}.", options);
  return text;
}

std::vector<std::string> warningsOf(const Document& document) {
  std::vector<std::string> all;
  for (const Part& part : document.parts) {
    all.insert(all.end(), part.notices.begin(), part.notices.end());
    for (const auto& [plugin, result] : part.results)
      all.insert(all.end(), result.warnings.begin(), result.warnings.end());
  }
  return all;
}

std::string spoken(const trace::Headline& headline) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "undefined"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return shortNumber(value); }
    std::string operator()(const std::string& value) const { return value; }
  };
  std::string text = std::visit(Visitor{}, headline.value);
  if (!headline.unit.empty())
    text += " " + headline.unit;
  if (headline.interval)
    text += fmt::format(" [{}, {}] ({:g} %)", shortNumber(headline.interval->first),
                        shortNumber(headline.interval->second), 100 * headline.level);
  return text;
}

} // namespace switchyard::jobs::report
