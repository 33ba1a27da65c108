#include "app/jobs/experiment/rerun.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/jobs/experiment/fields.h"
#include "app/jobs/experiment/origin.h"
#include "app/jobs/experiment/runner.h"
#include "app/jobs/read_analysis.h"
#include "app/jobs/report/provenance.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

/// What is to be run again, and what it gave.
struct Recorded {
  std::optional<Origin> origin; ///< of an experiment
  std::string command;          ///< else
  std::map<std::string, std::string> inputs;
  std::vector<Number> numbers;
  bool digested = false; ///< numbers are digests (of a report)
};

/// As a report has them.
std::vector<Number> digestsOf(const Analysis& analysis) {
  return digests(numbersOf("", analysis));
}

Result<std::vector<Recorded>> ofReport(const std::filesystem::path& path) {
  const base::Where where{.file = path.string()};
  const json provenance = SY_TRY(report::readProvenance(path));
  std::vector<Recorded> parts;
  for (const json& part : provenance["parts"]) {
    if (!part.is_object() || !part.contains("digests"))
      return base::fail(ErrorCode::InvalidFormat, "what it says of its making is damaged", where);
    Recorded recorded;
    recorded.digested = true;
    recorded.command = memberText(part, "command");
    if (part.contains("origin") && part["origin"].is_object())
      recorded.origin = SY_TRY(originFromJson(part["origin"], where));
    if (part.contains("inputs") && part["inputs"].is_object())
      for (const auto& [name, hash] : part["inputs"].items())
        if (hash.is_string())
          recorded.inputs[name] = hash.get<std::string>();
    for (const json& digest : part["digests"]) {
      if (!digest.is_array() || digest.size() != 2 || !digest[0].is_string() ||
          !digest[1].is_string())
        return base::fail(ErrorCode::InvalidFormat, "a digest in it is damaged", where);
      recorded.numbers.push_back({digest[0].get<std::string>(), "", digest[1].get<std::string>()});
    }
    parts.push_back(std::move(recorded));
  }
  return parts;
}

Result<std::vector<Recorded>> readRecorded(const std::filesystem::path& given) {
  const std::string ending = given.extension().string();
  if (ending == ".html" || ending == ".md")
    return ofReport(given);
  Recorded recorded;
  recorded.numbers = SY_TRY(readNumbers(given));
  std::error_code ignored;
  if (const auto name = resultsName(given)) {
    Store store = SY_TRY(Store::open(name->file));
    recorded.origin = SY_TRY(originOf(store, name->cell));
  } else if (std::filesystem::exists(given / "manifest.json", ignored)) {
    recorded.origin = SY_TRY(originOfExport(given));
  } else {
    const Analysis analysis = SY_TRY(readAnalysis(given));
    recorded.command = analysis.command;
    recorded.inputs = recordedInputs(analysis);
  }
  return std::vector{std::move(recorded)};
}

Result<void> refuse(const std::vector<std::string>& differences, const RerunOptions& options) {
  if (differences.empty() || options.anyway)
    return {};
  return base::fail(ErrorCode::InvalidArgument,
                    fmt::format("these results were made of other inputs: {}; run them again all "
                                "the same with --anyway",
                                fmt::join(differences, "; ")),
                    {.file = options.given.string()});
}

Result<void> runExperiment(const Recorded& recorded, const RerunOptions& options,
                           const std::filesystem::path& folder, const base::ThreadContext& threads,
                           const ProgressSink& progress, std::stop_token stop, Rerun& rerun) {
  const Origin& origin = *recorded.origin;
  Overrides overrides = options.overrides; // the user's come first, and count
  const auto add = [](std::vector<Override>& to, const std::vector<Override>& from) {
    std::ranges::copy(from, std::back_inserter(to));
  };
  add(overrides.models, origin.overrides.models);
  add(overrides.prompts, origin.overrides.prompts);
  add(overrides.tasks, origin.overrides.tasks);
  RunOptions run;
  run.plan = SY_TRY(
      makePlan(SY_TRY(parseExperiment(origin.text, origin.file, overrides)), *options.registry));
  run.out = folder / (run.plan->experiment.name + ".results");
  run.file = origin.file;
  run.overrides = overrides;
  run.jobs = options.jobs;
  run.registry = options.registry;
  run.log = options.log;
  for (const auto& [name, inputs] : origin.cells)
    if (std::ranges::find(run.plan->cells, name, &Cell::name) != run.plan->cells.end())
      run.only.push_back(name);
  InputChanges changes = changesOf(origin, *run.plan);
  SY_TRY(refuse(changes.bytes, options));
  RerunPart part;
  part.command = commandLine(origin.file, overrides);
  part.changes = std::move(changes.bytes);
  std::ranges::move(changes.others, std::back_inserter(part.changes));
  const RunSummary summary = SY_TRY(experiment::run(run, threads, progress, stop));
  part.failed = summary.failed;
  rerun.stopped = summary.stopped;
  if (summary.stopped)
    return {};
  const ResultsName fresh{run.out, origin.cell};
  const auto now =
      recorded.digested
          ? digestsOf(SY_TRY(readResults(fresh)))
          : SY_TRY(readNumbers(origin.cell.empty()
                                   ? run.out
                                   : std::filesystem::path(run.out.string() + ":" + origin.cell)));
  part.diff = diffNumbers(recorded.numbers, now);
  rerun.parts.push_back(std::move(part));
  return {};
}

Result<void> runCommand(const Recorded& recorded, const RerunOptions& options,
                        const std::filesystem::path& folder, std::stop_token stop, Rerun& rerun) {
  const ResultCommand command = SY_TRY(resultCommand(recorded.command));
  RerunPart part;
  part.command = recorded.command;
  for (const auto& [name, hash] : SY_TRY(currentInputs(command)))
    if (const auto then = recorded.inputs.find(name);
        then != recorded.inputs.end() && then->second != hash)
      part.changes.push_back(
          fmt::format("the {} is another one ({} then, {} now)", name, then->second, hash));
  SY_TRY(refuse(part.changes, options));
  const auto fresh = runAgain(command, folder, options.program, stop);
  if (!fresh && fresh.error().code == ErrorCode::Cancelled) {
    rerun.stopped = true;
    return {};
  }
  const Analysis analysis = SY_TRY(fresh);
  part.diff = diffNumbers(recorded.numbers,
                          recorded.digested ? digestsOf(analysis) : numbersOf("", analysis));
  rerun.parts.push_back(std::move(part));
  return {};
}

} // namespace

bool Rerun::identical() const {
  return !stopped && std::ranges::all_of(parts, [](const RerunPart& part) {
    return part.diff.equal() && part.failed.empty();
  });
}

Result<Rerun> rerun(const RerunOptions& options, const base::ThreadContext& threads,
                    const ProgressSink& progress, std::stop_token stop) {
  Rerun all;
  int number = 0;
  const std::vector<Recorded> everything = SY_TRY(readRecorded(options.given));
  all.all = everything.size();
  for (const Recorded& recorded : everything) {
    const std::filesystem::path folder = options.work / fmt::format("{}", ++number);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      return base::fail(ErrorCode::Io, "cannot create the folder: " + error.message(),
                        {.file = folder.string()});
    if (recorded.origin)
      SY_TRY(runExperiment(recorded, options, folder, threads, progress, stop, all));
    else
      SY_TRY(runCommand(recorded, options, folder, stop, all));
    if (all.stopped)
      break;
  }
  return all;
}

} // namespace switchyard::jobs::experiment
