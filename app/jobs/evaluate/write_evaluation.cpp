#include "app/jobs/evaluate/write_evaluation.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/csv.h"
#include "analyzers/report/json.h"
#include "app/jobs/write_analysis.h"
#include "core/base/version.h"

namespace switchyard::jobs::evaluate {

namespace {

double rate(const Speed& speed) {
  return speed.seconds > 0 ? static_cast<double>(speed.tokens) / speed.seconds : 0.0;
}

} // namespace

trace::Table speedTable(const Evaluation& evaluation) {
  trace::Table table{.name = "machine_speed",
                     .title = "Speed on this machine, each item by itself",
                     .columns = {{"variant", "", "name"},
                                 {"tokens", "tokens", "generated (or scored)"},
                                 {"seconds", "s", "decoding (or scoring), added up over items"},
                                 {"tokens_per_second", "1/s", ""}},
                     .rows = {}};
  for (const Speed& speed : evaluation.speed)
    table.rows.push_back({speed.variant, speed.tokens, speed.seconds, rate(speed)});
  return table;
}

trace::Table forReading(const trace::Table& table) {
  trace::Table shown{.name = table.name, .title = table.title, .columns = {}, .rows = {}};
  shown.rows.resize(table.rows.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& name = table.columns[c].name;
    const bool json = name == "recipe" || name == "decoder_options";
    const bool empty = std::ranges::all_of(table.rows, [&](const std::vector<trace::Cell>& row) {
      const auto* text = std::get_if<std::string>(&row[c]);
      return std::holds_alternative<std::monostate>(row[c]) || (text && text->empty());
    });
    if (json || empty)
      continue;
    shown.columns.push_back(table.columns[c]);
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      shown.rows[r].push_back(table.rows[r][c]);
  }
  return shown;
}

std::string machineJson(const Evaluation& evaluation) {
  std::string machine = nlohmann::json{
      {"jobs", evaluation.jobs},
      {"threads", evaluation.threads},
      {"ran", evaluation.ran},
      {"reused", evaluation.reused},
      {"seconds",
       evaluation.seconds}}.dump();
  machine.pop_back();
  return fmt::format("\"machine\":{},\"speed\":{}}}", machine,
                     analyzers::report::toJson(speedTable(evaluation)));
}

std::string toJson(const Evaluation& evaluation) {
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  return fmt::format("{{\"program\":{},\"command\":{},\n\"result\":{},\n{}}}\n",
                     quoted("switchyard " + std::string(base::version())),
                     quoted(evaluation.command), analyzers::report::toJson(evaluation.result),
                     machineJson(evaluation));
}

base::Result<std::vector<std::filesystem::path>>
writeEvaluation(const Evaluation& evaluation, const std::filesystem::path& folder,
                const base::ThreadContext& threads) {
  std::vector<FileToWrite> files;
  addFiles("evaluate", evaluation.result, files);
  files.push_back(
      {"machine_speed.csv", [&] { return analyzers::report::toCsv(speedTable(evaluation)); }});
  files.push_back({"evaluation.json", [&] { return toJson(evaluation); }});
  return writeFiles(files, folder, threads);
}

} // namespace switchyard::jobs::evaluate
