#include "app/jobs/experiment/bundle.h"

#include <algorithm>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/read_json.h"
#include "app/jobs/command_line.h"
#include "app/jobs/experiment/fields.h"
#include "app/jobs/experiment/origin.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

Result<void> add(const std::vector<NamedResult>& results, const std::string& prefix,
                 Analysis& analysis) {
  for (const NamedResult& named : results) {
    const base::Where where{.file = prefix + named.name};
    const nlohmann::json json = SY_TRY(base::parseJson(named.json, {kMaxBytes, 64}, where));
    analysis.results.push_back(SY_TRY(analyzers::report::resultFromJson(json, where)));
    analysis.ids.push_back(prefix + named.name);
  }
  return {};
}

Analysis headed(const Header& header) {
  Analysis analysis;
  analysis.program = header.program;
  analysis.command = header.command;
  analysis.title = header.title;
  analysis.question = header.question;
  analysis.notes = header.notes;
  return analysis;
}

} // namespace

std::optional<ResultsName> resultsName(const std::filesystem::path& given) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(given, ignored))
    return Store::isStore(given) ? std::optional(ResultsName{given, {}}) : std::nullopt;
  const std::string text = given.string();
  for (std::size_t at = text.find(':'); at != std::string::npos; at = text.find(':', at + 1)) {
    const std::filesystem::path file = text.substr(0, at);
    if (std::filesystem::is_regular_file(file, ignored) && Store::isStore(file))
      return ResultsName{file, text.substr(at + 1)};
  }
  return std::nullopt;
}

Result<StoredCell> findCell(Store& store, const std::string& name) {
  std::vector<std::string> names;
  for (StoredCell& cell : SY_TRY(store.cells())) {
    if (!cell.planned)
      continue;
    if (cell.name != name) {
      names.push_back(cell.name);
      continue;
    }
    if (cell.state == CellState::Failed)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("cell \"{}\" failed: {}", name, cell.error));
    if (cell.state == CellState::Waiting)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("cell \"{}\" has not been run yet", name));
    return std::move(cell);
  }
  const std::string near = nearest(name, names);
  return base::fail(ErrorCode::NotFound,
                    fmt::format("there is no cell \"{}\"{}", name,
                                near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

Result<Analysis> cellAnalysis(Store& store, const StoredCell& cell) {
  Analysis analysis = headed(SY_TRY(store.header()));
  analysis.command += " --cell " + shellQuoted(cell.name);
  SY_TRY(add(SY_TRY(store.results(cell.key)), "", analysis));
  return analysis;
}

Result<Analysis> summaryAnalysis(Store& store) {
  Analysis analysis = headed(SY_TRY(store.header()));
  SY_TRY(add(SY_TRY(store.summary()), "", analysis));
  return analysis;
}

Result<Analysis> readResults(const ResultsName& name) {
  Store store = SY_TRY(Store::open(name.file));
  if (!name.cell.empty()) {
    Analysis analysis = SY_TRY(cellAnalysis(store, SY_TRY(findCell(store, name.cell))));
    analysis.origin = toJson(SY_TRY(originOf(store, name.cell)));
    return analysis;
  }
  Analysis analysis = SY_TRY(summaryAnalysis(store));
  analysis.origin = toJson(SY_TRY(originOf(store, "")));
  if (analysis.ids.empty())
    return base::fail(ErrorCode::InvalidArgument,
                      "the run that makes these results has not come to its end; go on with it: " +
                          analysis.command,
                      {.file = name.file.string()});
  std::map<std::string, std::vector<StoredCell>> jobs;
  for (StoredCell& cell : SY_TRY(store.cells()))
    if (cell.planned && cell.state == CellState::Done)
      jobs[cell.name.substr(0, cell.name.find('/'))].push_back(std::move(cell));
  for (const auto& [job, cells] : jobs)
    if (cells.size() <= kFewCells)
      for (const StoredCell& cell : cells)
        SY_TRY(add(SY_TRY(store.results(cell.key)), cell.name + ": ", analysis));
  return analysis;
}

} // namespace switchyard::jobs::experiment
