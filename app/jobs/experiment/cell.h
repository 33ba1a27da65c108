#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "app/jobs/experiment/plan.h"
#include "app/jobs/experiment/store.h"
#include "app/jobs/model_shelf.h"
#include "core/base/log.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"

namespace switchyard::jobs::experiment {

/// What cells are run with, shared by all workers of a process.
struct Bench {
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<plugin::Registry> registry;
  std::filesystem::path work; ///< folder of this run's own, for what a kill must not lose
  base::LogSink log;
  std::shared_ptr<ModelShelf> models = std::make_shared<ModelShelf>();
  /// Traces are shared by cells; one of them makes each.
  struct Traces {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<std::mutex>> making;
  };
  std::shared_ptr<Traces> traces = std::make_shared<Traces>();
};

/// Runs one cell; nothing after a stop request. What was done before a stop, a kill or an error is
/// kept in the bench's folder, and running the cell again goes on there. The result depends on the
/// cell's inputs only, not on threads, the folder or interruptions. Several may run at once.
/// Errors: those of the jobs.
base::Result<std::optional<CellResult>> runCell(const Bench& bench, const Cell& cell,
                                                const base::ThreadContext& threads,
                                                const base::RunControl& control);

// The jobs. Errors: theirs; Cancelled after a stop request.
base::Result<CellResult> runCapture(const Bench& bench, const Cell& cell,
                                    const base::ThreadContext& threads,
                                    const base::RunControl& control);
base::Result<CellResult> runEvaluate(const Bench& bench, const Cell& cell,
                                     const base::ThreadContext& threads,
                                     const base::RunControl& control);
base::Result<CellResult> runSteer(const Bench& bench, const Cell& cell,
                                  const base::ThreadContext& threads,
                                  const base::RunControl& control);
base::Result<CellResult> runAblate(const Bench& bench, const Cell& cell,
                                   const base::ThreadContext& threads,
                                   const base::RunControl& control);

/// A cell's own folder in the bench's, made. Error Io.
base::Result<std::filesystem::path> folderOf(const Bench& bench, const Cell& cell);

} // namespace switchyard::jobs::experiment
