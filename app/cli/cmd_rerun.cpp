#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/diff_text.h"
#include "app/cli/log.h"
#include "app/cli/run_flags.h"
#include "app/cli/run_program.h"
#include "app/cli/verb.h"
#include "app/jobs/experiment/rerun.h"

namespace switchyard::cli {

namespace {

namespace experiment = jobs::experiment;
using nlohmann::json;

struct Options {
  CommonOptions common;
  std::string given, keep;
  OverrideFlags overrides;
  std::size_t lines = 20;
  experiment::RerunOptions job;
};

/// A folder that is gone when the verb ends.
class Scratch {
public:
  static base::Result<Scratch> make() {
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
    std::string name = (parent / "switchyard-rerun-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr)
      return base::fail(base::ErrorCode::Io, "cannot make a folder for the new results",
                        {.file = name});
    return Scratch(name);
  }
  Scratch(Scratch&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!m_path.empty())
      std::filesystem::remove_all(m_path, ignored);
  }
  const std::filesystem::path& path() const { return m_path; }

private:
  explicit Scratch(std::filesystem::path path) : m_path(std::move(path)) {}
  std::filesystem::path m_path;
};

void print(const experiment::RerunPart& part, const Options& options) {
  fmt::print("{}\n", part.command);
  for (const std::string& change : part.changes)
    fmt::print("  note: {}\n", change);
  for (const auto& [name, error] : part.failed)
    fmt::print("  failed: {}: {}\n", name, error);
  const std::string text = toText(part.diff, options.lines);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    fmt::print("  {}\n", text.substr(at, end - at));
    at = end + 1;
  }
  const std::int64_t all =
      part.diff.same + static_cast<std::int64_t>(part.diff.changed.size() + part.diff.onlyA.size());
  fmt::print("  {} of {} recorded values are identical{}\n", part.diff.same, all,
             part.diff.equal() && part.failed.empty() ? "" : "; the others are listed above");
}

json toJson(const experiment::Rerun& rerun) {
  json parts = json::array();
  for (const experiment::RerunPart& part : rerun.parts) {
    json failed = json::array();
    for (const auto& [name, error] : part.failed)
      failed.push_back({{"cell", name}, {"error", error}});
    parts.push_back({{"command", part.command},
                     {"changes", part.changes},
                     {"numbers", cli::toJson(part.diff)},
                     {"failed", failed}});
  }
  return {{"parts", parts},
          {"all", rerun.all},
          {"identical", rerun.identical()},
          {"stopped", rerun.stopped}};
}

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  const Scratch scratch = SY_TRY(Scratch::make());
  experiment::RerunOptions& job = options.job;
  job.given = options.given;
  job.overrides = SY_TRY(options.overrides.overrides());
  job.work = options.keep.empty() ? scratch.path() : std::filesystem::path(options.keep);
  job.log = stderrLog(options.common.quiet);
  job.program = runProgram;
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("rerun", !options.common.quiet);
  const experiment::Rerun done = SY_TRY(experiment::rerun(
      job, threads,
      [&](const experiment::Progress& progress) { showProgress(bar, "rerun", progress); },
      run.stop));
  bar.clear();
  if (options.common.json)
    fmt::print("{}\n", toJson(done).dump(2, ' ', false, json::error_handler_t::replace));
  else if (!options.common.quiet)
    for (const experiment::RerunPart& part : done.parts)
      print(part, options);
  if (done.stopped && !options.common.quiet)
    fmt::print(stderr, "stopped: {} of {} results were run to their end and compared\n",
               done.parts.size(), done.all);
  if (done.stopped)
    return kInterrupted;
  return done.identical() ? kOk : kFailed;
}

} // namespace

void addRerun(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "rerun", "Run again what made some results, and say which numbers come out the same",
      "  switchyard rerun k-sweep.results\n"
      "  switchyard rerun report.html --model demo=checkpoints/demo\n"
      "  switchyard rerun steering\n"
      "\n"
      "Models and texts are compared with those that were used, by hash, before anything is run.\n"
      "Ends with 0 if every number is identical, with 1 if one differs.");
  verb->add_option(
          "given", options->given,
          "Results, FILE:CELL of them, an exported folder, what a verb wrote with --out, or "
          "a report (.html, .md)")
      ->required();
  options->overrides.add(verb);
  verb->add_flag("--anyway", options->job.anyway,
                 "Run although models or texts are not the same bytes");
  verb->add_option("--keep", options->keep, "Folder that keeps the new results; default: none");
  verb->add_option("--lines", options->lines, "Differences shown")->capture_default_str();
  verb->add_option("--jobs", options->job.jobs, "Cells at once")->capture_default_str();
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
