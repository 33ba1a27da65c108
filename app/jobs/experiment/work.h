#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/experiment/cell.h"

namespace switchyard::jobs::experiment {

/// How far a run is.
struct Progress {
  std::int64_t done = 0, failed = 0, cells = 0; ///< of those that this run has to do
  double tokens = 0, allTokens = 0;             ///< planned ones; a cell that is done counts whole
  std::string running;                          ///< names of the cells that run now
};
using ProgressSink = std::function<void(const Progress&)>;

/// A cell that has ended: its result, or why there is none; nothing if it was stopped.
using Ended = base::Result<std::optional<CellResult>>;
/// Called with each cell that has ended, on the thread that called runCells.
using CellSink = std::function<base::Result<void>(const Cell& cell, Ended ended)>;

class RemoteCells;

/// Runs cells in order, `jobs` at once, with the threads shared among them. A cell that fails does
/// not keep others from running. Returns false after a stop request; cells that run then are asked
/// to stop and are waited for. With `remote`, other ranks take part. Errors: the sink's, after
/// which no further cell is begun; those of reaching the ranks.
base::Result<bool> runCells(const Bench& bench, const std::vector<const Cell*>& cells, int jobs,
                            const base::ThreadContext& threads, const CellSink& sink,
                            const ProgressSink& progress, std::stop_token stop,
                            RemoteCells* remote = nullptr);

} // namespace switchyard::jobs::experiment
