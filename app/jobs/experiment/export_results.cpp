#include "app/jobs/experiment/export_results.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/experiment/bundle.h"
#include "app/jobs/write_analysis.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;
using Paths = std::vector<std::filesystem::path>;

std::string dump(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

/// A name of a cell as a folder: '/' separates; what shells and file systems trip over is '_'.
std::string folderName(const std::string& cell) {
  std::string name = cell;
  std::ranges::replace_if(
      name,
      [](char c) {
        return !(std::isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '-' || c == '.' ||
                 c == '=' || c == ',' || c == '+');
      },
      '_');
  for (std::size_t at = name.find(".."); at != std::string::npos; at = name.find(".."))
    name.replace(at, 2, "__");
  return name;
}

Result<json> manifestOf(const Header& header, const std::vector<StoredCell>& cells,
                        const std::map<std::string, std::string>& folders) {
  json list = json::array();
  for (const StoredCell& cell : cells) {
    if (!cell.planned)
      continue;
    json entry = {{"name", cell.name}, {"key", cell.key}, {"state", name(cell.state)}};
    if (const auto folder = folders.find(cell.key); folder != folders.end())
      entry["folder"] = folder->second;
    if (!cell.error.empty())
      entry["error"] = cell.error;
    if (!cell.inputs.empty())
      entry["inputs"] = SY_TRY(base::parseJson(cell.inputs, {}, {.file = cell.name}));
    list.push_back(std::move(entry));
  }
  const json overrides = SY_TRY(base::parseJson(header.overrides, {}, {}));
  return json{
      {"experiment", header.name}, {"title", header.title},     {"question", header.question},
      {"notes", header.notes},     {"program", header.program}, {"command", header.command},
      {"file", header.path},       {"overrides", overrides},    {"cells", list}};
}

json machineOf(const std::map<std::string, std::string>& facts,
               const std::vector<StoredCell>& cells) {
  json list = json::array();
  for (const StoredCell& cell : cells)
    if (cell.planned && cell.state == CellState::Done) {
      const CellMachine& m = cell.machine;
      list.push_back(
          {{"cell", cell.name},
           {"started", m.started},
           {"seconds", m.seconds},
           {"tokens", m.tokens},
           {"tokens_per_second", m.seconds > 0 ? static_cast<double>(m.tokens) / m.seconds : 0.0},
           {"threads", m.threads}});
    }
  return {{"facts", facts}, {"cells", list}};
}

} // namespace

Result<Paths> exportResults(const std::filesystem::path& results,
                            const std::filesystem::path& folder,
                            const base::ThreadContext& threads) {
  Store store = SY_TRY(Store::open(results));
  const Header header = SY_TRY(store.header());
  const std::vector<StoredCell> cells = SY_TRY(store.cells());
  Paths paths;
  const auto put = [&](Paths written) { std::ranges::move(written, std::back_inserter(paths)); };
  const Analysis summary = SY_TRY(summaryAnalysis(store));
  if (!summary.ids.empty())
    put(SY_TRY(writeAnalysis(summary, folder / "summary", threads)));
  std::map<std::string, std::string> folders;
  std::map<std::string, int> used;
  for (const StoredCell& cell : cells) {
    if (!cell.planned || cell.state != CellState::Done)
      continue;
    std::string name = "cells/" + folderName(cell.name);
    if (const int number = ++used[name]; number > 1)
      name += fmt::format("~{}", number);
    folders[cell.key] = name;
    const Analysis analysis = SY_TRY(cellAnalysis(store, cell));
    if (!analysis.ids.empty())
      put(SY_TRY(writeAnalysis(analysis, folder / name, threads)));
    if (const std::string answers = SY_TRY(store.outcomes(cell.key)); !answers.empty())
      put(SY_TRY(
          writeFiles({{"answers.json", [&] { return answers + "\n"; }}}, folder / name, threads)));
  }
  const std::string manifest = dump(SY_TRY(manifestOf(header, cells, folders)));
  const std::string text = dump(SY_TRY(base::parseJson(header.text, {}, {})));
  const std::string machine = dump(machineOf(SY_TRY(store.machine()), cells));
  put(SY_TRY(writeFiles({{"experiment.json", [&] { return text; }},
                         {"machine.json", [&] { return machine; }},
                         {"manifest.json", [&] { return manifest; }}},
                        folder, threads)));
  return paths;
}

} // namespace switchyard::jobs::experiment
