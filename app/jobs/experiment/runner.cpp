#include "app/jobs/experiment/runner.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fnmatch.h>
#include <nlohmann/json.hpp>

#include "app/jobs/command_line.h"
#include "app/jobs/experiment/fields.h"
#include "app/jobs/experiment/remote_cells.h"
#include "app/jobs/experiment/summary.h"
#include "app/jobs/fingerprint.h"
#include "core/base/version.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;

Header headerOf(const RunOptions& options) {
  const Experiment& e = options.plan->experiment;
  return {.name = e.name,
          .title = e.title,
          .question = e.question,
          .notes = e.notes,
          .text = e.text,
          .path = options.file.string(),
          .overrides = nlohmann::json{{"models", options.overrides.models},
                                      {"prompts", options.overrides.prompts},
                                      {"tasks", options.overrides.tasks}}
                           .dump(),
          .command = commandLine(options.file, options.overrides),
          .program = "switchyard " + std::string(base::version())};
}

/// Opens the results and notes the plan in them.
Result<Store> prepareStore(const RunOptions& options) {
  Store store = SY_TRY(Store::create(options.out));
  std::vector<std::pair<std::string, std::string>> plan;
  for (const Cell& cell : options.plan->cells)
    plan.emplace_back(cell.key, cell.name);
  SY_TRY(store.begin(headerOf(options), plan));
  return store;
}

/// Removes what only an unfinished run needs.
void cleanUp(const RunOptions& options) {
  std::error_code ignored;
  const std::filesystem::path work = workFolder(options.out);
  if (!options.keepTraces) {
    std::filesystem::remove_all(work, ignored);
    return;
  }
  std::filesystem::remove_all(work / "cells", ignored);
}

Result<void> keep(Store& store, const Cell& cell, Ended ended, RunSummary& summary) {
  if (!ended) {
    const std::string error = ended.error().describe();
    summary.failed.emplace_back(cell.name, error);
    return store.commitFailure(cell.key, cell.inputs, error);
  }
  if (!*ended)
    return {}; // stopped
  ++summary.ran;
  return store.commit(cell.key, cell.inputs, **ended);
}

Result<void> noteMachine(Store& store, const RunOptions& options,
                         const base::ThreadContext& threads) {
  std::error_code ignored;
  return store.setMachine({{"threads", fmt::to_string(threads.threads())},
                           {"jobs", fmt::to_string(options.jobs)},
                           {"folder", std::filesystem::current_path(ignored).string()}});
}

Bench benchOf(const RunOptions& options) {
  Bench bench;
  bench.plan = options.plan;
  bench.registry = options.registry;
  bench.work = workFolder(options.out);
  bench.log = options.log;
  return bench;
}

/// What all ranks must agree on: the cells, whose keys are of all that decides their results.
std::string jobOf(const RunOptions& options) {
  Fingerprint job;
  job.add(base::version());
  for (const Cell& cell : options.plan->cells)
    job.add(cell.key);
  return job.hex();
}

/// What the other ranks do in run().
void help(const RunOptions& options, const base::ThreadContext& threads, std::stop_token stop) {
  Helper helper(*options.ranks, std::move(stop));
  const auto work = [&]() -> Result<void> {
    SY_TRY(helper.enlist(jobOf(options)));
    return helpWithCells(helper, benchOf(options), options.jobs, threads);
  };
  helper.leave(work());
}

} // namespace

std::filesystem::path workFolder(const std::filesystem::path& out) {
  std::filesystem::path work = out;
  work += ".work";
  return work;
}

std::string commandLine(const std::filesystem::path& file, const Overrides& overrides) {
  std::string line = "switchyard run " + shellQuoted(file.string());
  for (const auto& [flag, list] :
       {std::pair("--model", &overrides.models), std::pair("--prompts", &overrides.prompts),
        std::pair("--tasks", &overrides.tasks)})
    for (const auto& [name, path] : *list)
      line += fmt::format(" {} {}", flag, shellQuoted(name + "=" + path));
  return line;
}

Result<std::vector<const Cell*>> chosenCells(const Plan& plan,
                                             const std::vector<std::string>& patterns) {
  std::vector<bool> fits(patterns.size(), false);
  std::vector<const Cell*> chosen;
  for (const Cell& cell : plan.cells) {
    bool any = patterns.empty();
    for (std::size_t i = 0; i < patterns.size(); ++i)
      if (cell.name == patterns[i] || ::fnmatch(patterns[i].c_str(), cell.name.c_str(), 0) == 0)
        any = fits[i] = true;
    if (any)
      chosen.push_back(&cell);
  }
  const auto none = std::ranges::find(fits, false);
  if (none != fits.end()) {
    std::vector<std::string> names;
    for (const Cell& cell : plan.cells)
      names.push_back(cell.name);
    const std::string& pattern = patterns[static_cast<std::size_t>(none - fits.begin())];
    const std::string near = nearest(pattern, names);
    return base::fail(
        ErrorCode::InvalidArgument,
        fmt::format("--cell \"{}\" fits no cell of the plan{}", pattern,
                    near.empty() ? "; --dry-run lists them" : "; did you mean \"" + near + "\"?"));
  }
  return chosen;
}

Result<RunSummary> run(const RunOptions& options, const base::ThreadContext& threads,
                       const ProgressSink& progress, std::stop_token stop) {
  if (options.jobs < 1 || options.jobs > base::ThreadContext::kMaxThreads)
    return base::fail(
        ErrorCode::InvalidArgument,
        fmt::format("--jobs {} is outside 1..{}", options.jobs, base::ThreadContext::kMaxThreads));
  if (options.ranks != nullptr && options.ranks->rank() > 0) {
    help(options, threads, std::move(stop));
    return RunSummary{};
  }
  std::optional<Leader> leader; // dismisses the other ranks, whatever happens
  if (options.ranks != nullptr)
    leader.emplace(*options.ranks, stop);
  const std::vector<const Cell*> chosen = SY_TRY(chosenCells(*options.plan, options.only));
  Store store = SY_TRY(prepareStore(options));
  std::map<std::string, CellState> states;
  for (const StoredCell& cell : SY_TRY(store.cells()))
    states[cell.key] = cell.state;
  std::vector<const Cell*> todo;
  std::ranges::copy_if(chosen, std::back_inserter(todo),
                       [&](const Cell* cell) { return states[cell->key] != CellState::Done; });
  RunSummary summary;
  summary.cells = static_cast<std::int64_t>(chosen.size());
  summary.reused = summary.cells - static_cast<std::int64_t>(todo.size());
  if (!todo.empty()) {
    SY_TRY(noteMachine(store, options, threads));
    std::optional<RemoteCells> remote;
    if (leader) {
      SY_TRY(leader->gather(jobOf(options)));
      leader->start({});
      remote.emplace(*leader, options.ranks->size(), options.jobs);
    }
    const CellSink sink = [&](const Cell& cell, Ended ended) {
      return keep(store, cell, std::move(ended), summary);
    };
    summary.stopped = !SY_TRY(runCells(benchOf(options), todo, options.jobs, threads, sink,
                                       progress, stop, remote ? &*remote : nullptr));
  }
  if (summary.stopped)
    return summary;
  SY_TRY(store.setSummary(SY_TRY(summarize(*options.plan, store, threads))));
  if (summary.failed.empty() && chosen.size() == options.plan->cells.size())
    cleanUp(options);
  (void)store.close(); // a reader may hold the file; it is whole either way
  return summary;
}

} // namespace switchyard::jobs::experiment
