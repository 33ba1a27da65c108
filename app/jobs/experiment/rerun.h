#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/jobs/experiment/numbers.h"
#include "app/jobs/experiment/rerun_command.h"
#include "app/jobs/experiment/work.h"

namespace switchyard::jobs::experiment {

struct RerunOptions {
  std::filesystem::path
      given;                  ///< results, an export, results of a verb, or a report of any of them
  Overrides overrides{};      ///< where models and texts are now, besides those recorded
  bool anyway = false;        ///< run although models or texts are other bytes
  std::filesystem::path work; ///< folder for the new results, made; not removed
  int jobs = 1;
  std::shared_ptr<plugin::Registry> registry{};
  base::LogSink log{};
  RunProgram program{}; ///< for results of single verbs
};

/// One run of those that a report is of.
struct RerunPart {
  std::string command;
  std::vector<std::string> changes;                        ///< of inputs, in sentences
  NumberDiff diff;                                         ///< recorded against new
  std::vector<std::pair<std::string, std::string>> failed; ///< cells, and why
};

struct Rerun {
  std::vector<RerunPart> parts; ///< those that ran to their end
  std::size_t all = 0;          ///< how many there are to run
  bool stopped = false;         ///< before all had run
  /// Whether every part ran, and all its numbers came out the same.
  bool identical() const;
};

/// Runs again what made some results and says which numbers come out the same. Before anything is
/// run, models and texts are compared by their hashes.
/// Errors: InvalidArgument if they are other bytes and `anyway` is not set, naming what differs;
/// those of reading and running.
base::Result<Rerun> rerun(const RerunOptions& options, const base::ThreadContext& threads,
                          const ProgressSink& progress, std::stop_token stop);

} // namespace switchyard::jobs::experiment
