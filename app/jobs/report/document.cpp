#include "app/jobs/report/document.h"

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "app/jobs/read_analysis.h"

namespace switchyard::jobs::report {

namespace {

using analyzers::report::shortNumber;

} // namespace

base::Result<Part> readPart(const std::filesystem::path& path) {
  Analysis analysis = SY_TRY(readAnalysis(path));
  Part part;
  part.program = std::move(analysis.program);
  part.command = std::move(analysis.command);
  part.traceId = std::move(analysis.traceId);
  part.notices = std::move(analysis.notices);
  for (std::size_t i = 0; i < analysis.ids.size(); ++i)
    part.results.emplace_back(std::move(analysis.ids[i]), std::move(analysis.results[i]));
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
