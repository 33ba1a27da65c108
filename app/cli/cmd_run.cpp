#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/text.h"
#include "app/cli/log.h"
#include "app/cli/run_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/estimate.h"
#include "app/jobs/experiment/runner.h"

namespace switchyard::cli {

namespace {

namespace experiment = jobs::experiment;
using nlohmann::json;

struct Options {
  CommonOptions common;
  std::string file, out;
  OverrideFlags overrides;
  experiment::RunOptions job;
  bool dryRun = false, schema = false;
};

json toJson(const Options& options, const experiment::RunSummary& summary) {
  json failed = json::array();
  for (const auto& [name, error] : summary.failed)
    failed.push_back({{"cell", name}, {"error", error}});
  return {{"results", options.job.out.string()},
          {"cells", summary.cells},
          {"ran", summary.ran},
          {"reused", summary.reused},
          {"failed", failed},
          {"stopped", summary.stopped}};
}

base::Result<void> printSummary(const std::filesystem::path& results) {
  auto store = SY_TRY(experiment::Store::open(results));
  const jobs::Analysis analysis = SY_TRY(experiment::summaryAnalysis(store));
  for (std::size_t i = 0; i < analysis.ids.size(); ++i)
    fmt::print("{}{}\n{}\n", i > 0 ? "\n" : "", analysis.ids[i],
               analyzers::report::toText(analysis.results[i]));
  return {};
}

/// What is done already; nothing where there are no results yet.
base::Result<std::map<std::string, experiment::CellState>> states(const Options& options) {
  std::map<std::string, experiment::CellState> known;
  std::error_code ignored;
  if (!std::filesystem::exists(options.job.out, ignored))
    return known;
  auto store = SY_TRY(experiment::Store::open(options.job.out));
  for (const experiment::StoredCell& cell : SY_TRY(store.cells()))
    known[cell.key] = cell.state;
  return known;
}

void print(const std::vector<experiment::Estimate>& plan,
           const std::map<std::string, experiment::CellState>& known, const Options& options) {
  const auto stateOf = [&](const experiment::Cell& cell) {
    const auto state = known.find(cell.key);
    return state == known.end() ? experiment::CellState::Waiting : state->second;
  };
  double seconds = 0;
  std::int64_t waiting = 0;
  json rows = json::array();
  trace::Table table{
      .name = "plan",
      .title = options.job.plan->experiment.title,
      .columns = {{"cell", "", ""}, {"state", "", ""}, {"tokens", "", ""}, {"at most", "", ""}},
      .rows = {}};
  for (const experiment::Estimate& each : plan) {
    const experiment::CellState state = stateOf(*each.cell);
    const auto tokens = static_cast<std::int64_t>(each.cell->cost.tokens());
    if (state != experiment::CellState::Done) {
      seconds += each.seconds;
      ++waiting;
    }
    table.rows.push_back({each.cell->name, std::string(name(state)), tokens,
                          state == experiment::CellState::Done ? "" : duration(each.seconds)});
    rows.push_back({{"cell", each.cell->name},
                    {"key", each.cell->key},
                    {"state", name(state)},
                    {"tokens", tokens},
                    {"seconds", each.seconds}});
  }
  if (options.common.json) {
    fmt::print("{}\n", json{{"results", options.job.out.string()},
                            {"cells", rows},
                            {"waiting", waiting},
                            {"seconds", seconds}}
                           .dump(2, ' ', false, json::error_handler_t::replace));
    return;
  }
  fmt::print("{}\n{} of {} cells are to be run, at most {} on this machine (measured just now; "
             "answers may end earlier)\n",
             analyzers::report::toText(table, static_cast<int>(table.rows.size())), waiting,
             plan.size(), duration(seconds));
}

base::Result<int> plan(const Options& options, const Run& run) {
  const auto known = SY_TRY(states(options));
  const auto chosen = SY_TRY(experiment::chosenCells(*options.job.plan, options.job.only));
  const base::ThreadContext threads(options.common.threads);
  print(SY_TRY(experiment::estimate(*options.job.plan, chosen, options.job.registry, threads,
                                    {.progress = {}, .stop = run.stop})),
        known, options);
  return kOk;
}

base::Result<int> start(Options& options, const Run& run) {
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("run", !options.common.quiet);
  const experiment::RunSummary summary = SY_TRY(experiment::run(
      options.job, threads,
      [&](const experiment::Progress& progress) { showProgress(bar, "run", progress); }, run.stop));
  bar.clear();
  if (!run.isFirst())
    return kOk;
  if (options.common.json)
    fmt::print("{}\n",
               toJson(options, summary).dump(2, ' ', false, json::error_handler_t::replace));
  else if (!options.common.quiet && !summary.stopped)
    SY_TRY(printSummary(options.job.out));
  for (const auto& [name, error] : summary.failed)
    fmt::print(stderr, "failed: {}: {}\n", name, error);
  if (!options.common.quiet)
    fmt::print(
        stderr, "{}: {} cells run, {} were there{}{}\n", options.job.out.string(), summary.ran,
        summary.reused,
        summary.failed.empty()
            ? ""
            : fmt::format(", {} failed; the same command tries these again", summary.failed.size()),
        summary.stopped ? "; stopped, the same command goes on" : "");
  if (summary.stopped)
    return kInterrupted;
  return summary.failed.empty() ? kOk : kFailed;
}

base::Result<int> run(Options options, const Run& run) {
  if ((options.schema || options.dryRun) && !run.isFirst())
    return kOk;
  if (options.schema) {
    fmt::print("{}", experiment::schema());
    return kOk;
  }
  if (options.file.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "name the experiment to run");
  SY_TRY(checkThreads(options.common));
  experiment::RunOptions& job = options.job;
  job.file = options.file;
  job.overrides = SY_TRY(options.overrides.overrides());
  job.ranks = run.ranks;
  job.log = stderrLog(options.common.quiet);
  job.plan = SY_TRY(experiment::makePlan(
      SY_TRY(experiment::readExperiment(options.file, job.overrides)), *job.registry));
  job.out = options.out.empty() ? job.plan->experiment.name + ".results" : options.out;
  return options.dryRun ? plan(options, run) : start(options, run);
}

} // namespace

void addRun(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "run", "Run an experiment: models x texts x recipes x decoders x seeds",
      "  switchyard run data/experiments/k-sweep.json --dry-run\n"
      "  switchyard run data/experiments/k-sweep.json\n"
      "  switchyard run data/experiments/early-final.json --model early=checkpoints/step-1000\n"
      "  switchyard run my.json --cell 'evaluate/*' --jobs 4 --out my.results\n"
      "  mpirun -n 4 switchyard run my.json\n"
      "\n"
      "Results are one file; the same command goes on after Ctrl-C or a kill, and runs only what\n"
      "is not there. switchyard results shows, exports and compares them; switchyard report makes\n"
      "a page of them; switchyard rerun checks that they come out again.");
  verb->add_option("experiment", options->file, "JSON file of the experiment");
  verb->add_option("--out", options->out,
                   "Results; default: name of the experiment + .results in this folder");
  options->overrides.add(verb);
  verb->add_option("--cell", options->job.only,
                   "Run only cells with this name; * and ? stand for anything; repeatable")
      ->allow_extra_args(false);
  verb->add_option("--jobs", options->job.jobs,
                   "Cells at once, sharing the threads (results do not depend on it)")
      ->capture_default_str();
  verb->add_flag("--dry-run", options->dryRun,
                 "Only say what would be run, what is done, and how long it takes here");
  verb->add_flag("--keep-traces", options->job.keepTraces,
                 "Keep the traces that were captured, in RESULTS.work/traces");
  verb->add_flag("--schema", options->schema, "Print the format of experiments as JSON Schema");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.sharedBody(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
