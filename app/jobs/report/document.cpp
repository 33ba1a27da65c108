#include "app/jobs/report/document.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/rerun_command.h"
#include "app/jobs/read_analysis.h"

namespace switchyard::jobs::report {

namespace {

using analyzers::report::shortNumber;

/// Below this many, intervals over sequences say little.
constexpr std::int64_t kFewSequences = 5;

void addOnce(std::vector<std::string>& list, std::string sentence) {
  if (!sentence.empty() && std::ranges::find(list, sentence) == list.end())
    list.push_back(std::move(sentence));
}

/// "npmi seed = 7, npmi shuffle_seed = 1": the options that are seeds; empty: none.
std::string seedsOf(const Document& document) {
  std::vector<std::string> seeds;
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results)
      for (const auto& [name, value] : result.provenance.options)
        if (name.find("seed") != std::string::npos)
          addOnce(seeds, fmt::format("{} {} = {}", plugin, name, value));
  return seeds.empty() ? "" : fmt::format("Seeds: {}.", fmt::join(seeds, ", "));
}

/// Machine and times of an experiment's results, or of one of its cells.
base::Result<std::vector<std::pair<std::string, std::string>>>
machineOf(const experiment::ResultsName& name) {
  experiment::Store store = SY_TRY(experiment::Store::open(name.file));
  std::vector<std::pair<std::string, std::string>> rows;
  for (auto& [fact, value] : SY_TRY(store.machine()))
    rows.emplace_back(fact, value);
  std::int64_t cells = 0, tokens = 0;
  double seconds = 0;
  std::string first;
  for (const experiment::StoredCell& cell : SY_TRY(store.cells())) {
    if (cell.state != experiment::CellState::Done || (!name.cell.empty() && cell.name != name.cell))
      continue;
    ++cells;
    tokens += cell.machine.tokens;
    seconds += cell.machine.seconds;
    if (first.empty() || cell.machine.started < first)
      first = cell.machine.started;
  }
  rows.emplace_back("First cell started", first);
  rows.emplace_back("Run", fmt::format("{} {}, {:.1f} s in all, {} tokens", cells,
                                       cells == 1 ? "cell" : "cells", seconds, tokens));
  return rows;
}

} // namespace

base::Result<Part> readPart(const std::filesystem::path& path) {
  Analysis analysis = SY_TRY(readAnalysis(path));
  Part part;
  part.inputs = experiment::recordedInputs(analysis);
  part.documentTitle = std::move(analysis.title);
  part.question = std::move(analysis.question);
  part.notes = std::move(analysis.notes);
  part.program = std::move(analysis.program);
  part.command = std::move(analysis.command);
  part.traceId = std::move(analysis.traceId);
  part.traceFile = std::move(analysis.traceFile);
  part.notices = std::move(analysis.notices);
  part.origin = std::move(analysis.origin);
  if (const auto name = experiment::resultsName(path))
    part.machine = SY_TRY(machineOf(*name));
  for (std::size_t i = 0; i < analysis.ids.size(); ++i)
    part.results.emplace_back(std::move(analysis.ids[i]), std::move(analysis.results[i]));
  return part;
}

bool showsNothing(const trace::AnalysisResult& result) {
  return result.tables.empty() && result.figures.empty() && result.headlines.empty() &&
         result.findings.empty();
}

std::string methods(const std::string& plugin, const trace::AnalysisResult& result) {
  const trace::Provenance& p = result.provenance;
  std::string text = plugin;
  if (!p.analyzer.empty())
    text += fmt::format(" ({} {})", p.analyzer, p.version);
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

std::vector<std::string> methodsOf(const Document& document) {
  std::vector<std::string> all;
  for (const Part& part : document.parts) {
    for (const auto& [plugin, result] : part.results)
      addOnce(all, methods(plugin, result));
    if (!part.program.empty())
      addOnce(all, fmt::format("Made by {}{}.", part.program,
                               part.traceId.empty() ? "" : ", trace " + part.traceId));
    addOnce(all, part.doctor);
  }
  addOnce(all, seedsOf(document));
  return all;
}

std::vector<std::string> warningsOf(const Document& document) {
  std::vector<std::string> all;
  for (const Part& part : document.parts)
    for (const std::string& notice : part.notices)
      addOnce(all, notice);
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results) {
      for (const std::string& warning : result.warnings)
        addOnce(all, warning);
      const std::int64_t read = result.provenance.sequences;
      if (read > 0 && read < kFewSequences)
        addOnce(all,
                fmt::format("{} read only {} {}; intervals over sequences need at least {}.",
                            plugin, read, read == 1 ? "sequence" : "sequences", kFewSequences));
    }
  return all;
}

std::vector<std::string> commandsOf(const Document& document,
                                    const std::vector<std::string>& reproduce) {
  std::vector<std::string> all;
  for (const Part& part : document.parts)
    addOnce(all, part.command);
  for (const std::string& line : reproduce)
    addOnce(all, line);
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
