#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/text.h"
#include "app/cli/verb.h"
#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/export_results.h"
#include "app/jobs/write_analysis.h"

namespace switchyard::cli {

namespace {

namespace experiment = jobs::experiment;
using nlohmann::json;

struct Options {
  CommonOptions common;
  std::string file, cell, out;
  std::vector<std::string> tables;
  int rows = 20;
};

base::Result<int> list(const Options& options) {
  auto store = SY_TRY(experiment::Store::open(options.file));
  const experiment::Header header = SY_TRY(store.header());
  const std::vector<experiment::StoredCell> cells = SY_TRY(store.cells());
  if (options.common.json) {
    json rows = json::array();
    for (const experiment::StoredCell& cell : cells)
      rows.push_back({{"cell", cell.name},
                      {"key", cell.key},
                      {"state", name(cell.state)},
                      {"planned", cell.planned},
                      {"error", cell.error},
                      {"seconds", cell.machine.seconds},
                      {"tokens", cell.machine.tokens}});
    const json all = {{"title", header.title},
                      {"question", header.question},
                      {"command", header.command},
                      {"program", header.program},
                      {"cells", rows}};
    fmt::print("{}\n", all.dump(2, ' ', false, json::error_handler_t::replace));
    return kOk;
  }
  trace::Table table{.name = "cells",
                     .title = header.title,
                     .columns = {{"cell", "", ""},
                                 {"state", "", ""},
                                 {"seconds", "", ""},
                                 {"tokens", "", ""},
                                 {"note", "", ""}},
                     .rows = {}};
  for (const experiment::StoredCell& cell : cells) {
    const bool done = cell.state == experiment::CellState::Done;
    table.rows.push_back({cell.name, std::string(name(cell.state)),
                          done ? trace::Cell(cell.machine.seconds) : trace::Cell(),
                          done ? trace::Cell(cell.machine.tokens) : trace::Cell(),
                          cell.planned ? cell.error : "not in the plan any more"});
  }
  fmt::print("{}", analyzers::report::toText(table, static_cast<int>(table.rows.size())));
  if (!options.common.quiet)
    fmt::print("\n{}\n", header.command);
  return kOk;
}

base::Result<void> checkTables(const Options& options, const jobs::Analysis& analysis) {
  for (const std::string& wanted : options.tables) {
    bool found = false;
    for (const trace::AnalysisResult& result : analysis.results)
      found = found ||
              std::ranges::find(result.tables, wanted, &trace::Table::name) != result.tables.end();
    if (!found)
      return base::fail(base::ErrorCode::NotFound,
                        fmt::format("there is no table \"{}\" in these results", wanted));
  }
  return {};
}

base::Result<int> show(const Options& options) {
  auto store = SY_TRY(experiment::Store::open(options.file));
  const jobs::Analysis analysis =
      options.cell.empty() ? SY_TRY(experiment::summaryAnalysis(store))
                           : SY_TRY(experiment::cellAnalysis(
                                 store, SY_TRY(experiment::findCell(store, options.cell))));
  SY_TRY(checkTables(options, analysis));
  if (options.common.json) {
    fmt::print("{}", jobs::toJson(analysis));
    return kOk;
  }
  if (analysis.ids.empty())
    fmt::print("{}\n", options.cell.empty()
                           ? "The run has not come to its end; switchyard results list says what "
                             "is done."
                           : "The answers of this cell are part of the evaluation of the whole.");
  for (std::size_t i = 0; i < analysis.ids.size(); ++i) {
    const trace::AnalysisResult& result = analysis.results[i];
    if (options.tables.empty())
      fmt::print("{}{}\n{}\n", i > 0 ? "\n" : "", analysis.ids[i],
                 analyzers::report::toText(result));
    for (const trace::Table& table : result.tables)
      if (options.tables.empty()
              ? !table.rows.empty()
              : std::ranges::find(options.tables, table.name) != options.tables.end())
        fmt::print("{}: {}\n", table.name, analyzers::report::toText(table, options.rows));
  }
  return kOk;
}

base::Result<int> exportAll(const Options& options) {
  const base::ThreadContext threads(options.common.threads);
  const auto paths = SY_TRY(experiment::exportResults(options.file, options.out, threads));
  if (options.common.json) {
    json list = json::array();
    for (const auto& path : paths)
      list.push_back(path.string());
    fmt::print("{}\n", json{{"files", list}}.dump(2, ' ', false, json::error_handler_t::replace));
  } else if (!options.common.quiet) {
    fmt::print(stderr, "{} files in {}\n", paths.size(), options.out);
  }
  return kOk;
}

void addFile(CLI::App* verb, const std::shared_ptr<Options>& options) {
  verb->add_option("results", options->file, "Results of switchyard run")->required();
}

} // namespace

void addResults(VerbSet& verbs) {
  CLI::App* group = verbs.add("results", "List, show, export and compare results of experiments",
                              "  switchyard results list k-sweep.results\n"
                              "  switchyard results show k-sweep.results capture/demo/domains/k=2\n"
                              "  switchyard results export k-sweep.results --out k-sweep\n"
                              "  switchyard results diff old.results new.results");
  group->require_subcommand(1);

  auto options = std::make_shared<Options>();
  CLI::App* verb = verbs.add("list", "Cells with their state, time and tokens",
                             "  switchyard results list k-sweep.results --json", group);
  addFile(verb, options);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run&) { return list(*options); });

  options = std::make_shared<Options>();
  verb = verbs.add("show", "Findings, numbers and tables of the whole or of one cell",
                   "  switchyard results show k-sweep.results\n"
                   "  switchyard results show k-sweep.results --table grid_numbers --rows 100",
                   group);
  addFile(verb, options);
  verb->add_option("cell", options->cell, "Name of a cell; default: what the whole grid shows");
  verb->add_option("--table", options->tables, "Only this table; repeatable")
      ->allow_extra_args(false);
  verb->add_option("--rows", options->rows, "Rows of each table")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  addJson(verb, options->common);
  verbs.body(verb, [options](const Run&) { return show(*options); });

  options = std::make_shared<Options>();
  verb = verbs.add("export", "JSON, CSV and SVG files of everything, for other programs",
                   "  switchyard results export k-sweep.results --out k-sweep", group);
  addFile(verb, options);
  verb->add_option("--out", options->out, "Folder to write")->required();
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run&) { return exportAll(*options); });

  addResultsDiff(verbs, group);
}

} // namespace switchyard::cli
