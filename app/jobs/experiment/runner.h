#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/experiment/plan.h"
#include "app/jobs/experiment/store.h"
#include "app/jobs/experiment/work.h"
#include "app/jobs/ranks/ranks.h"

namespace switchyard::jobs::experiment {

struct RunOptions {
  std::shared_ptr<const Plan> plan;
  std::filesystem::path out;  ///< the results; what a kill must not lose is in `out` + ".work"
  std::filesystem::path file; ///< the experiment's, as given
  Overrides overrides{};
  std::vector<std::string> only{}; ///< patterns (* and ?) of cell names; empty: all cells
  int jobs = 1;                    ///< cells at once, 1..kMaxThreads
  bool keepTraces = false;
  std::shared_ptr<plugin::Registry> registry{};
  base::LogSink log{};
  Ranks* ranks = nullptr; ///< processes that share the cells; borrowed
};

struct RunSummary {
  std::int64_t cells = 0;  ///< chosen ones
  std::int64_t reused = 0; ///< of them done before
  std::int64_t ran = 0;
  std::vector<std::pair<std::string, std::string>> failed; ///< name and error, of this run
  bool stopped = false;                                    ///< on request; the same command goes on
};

/// Runs the cells that the results lack, one after the other or several at once, and keeps each as
/// it is done; then says what the whole grid shows. Cells of an earlier version of the experiment
/// that are equal are not run again. A failed cell does not keep others from running; another run
/// tries it again. After a stop, a kill or an error the same call goes on where it was.
/// With ranks, every one of them calls this with the same options and runs `jobs` cells at once;
/// rank 0 alone has the results open, the others return an empty summary. Errors: InvalidArgument
/// for a pattern that fits no cell, jobs out of range; the store's.
base::Result<RunSummary> run(const RunOptions& options, const base::ThreadContext& threads,
                             const ProgressSink& progress, std::stop_token stop);

/// The cells that patterns choose. Error InvalidArgument for one that fits none.
base::Result<std::vector<const Cell*>> chosenCells(const Plan& plan,
                                                   const std::vector<std::string>& patterns);

/// The command that makes all results again; nothing of it depends on this machine.
std::string commandLine(const std::filesystem::path& file, const Overrides& overrides);

/// `out` + ".work".
std::filesystem::path workFolder(const std::filesystem::path& out);

} // namespace switchyard::jobs::experiment
