#include "app/jobs/experiment/cell.h"

#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

Result<CellResult> dispatch(const Bench& bench, const Cell& cell,
                            const base::ThreadContext& threads, const base::RunControl& control) {
  switch (cell.job) {
  case Job::Capture:
    return runCapture(bench, cell, threads, control);
  case Job::Evaluate:
    return runEvaluate(bench, cell, threads, control);
  case Job::Steer:
    return runSteer(bench, cell, threads, control);
  case Job::Ablate:
    return runAblate(bench, cell, threads, control);
  }
  return base::fail(base::ErrorCode::Internal, "a cell of no kind");
}

} // namespace

Result<std::filesystem::path> folderOf(const Bench& bench, const Cell& cell) {
  const std::filesystem::path folder = bench.work / "cells" / cell.key;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  return folder;
}

Result<std::optional<CellResult>> runCell(const Bench& bench, const Cell& cell,
                                          const base::ThreadContext& threads,
                                          const base::RunControl& control) {
  const std::time_t started = std::time(nullptr);
  const auto start = std::chrono::steady_clock::now();
  auto result = dispatch(bench, cell, threads, control);
  if (!result) {
    if (control.stop.stop_requested())
      return std::optional<CellResult>();
    return tl::unexpected<base::Error>(std::move(result).error());
  }
  result->machine.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(started));
  result->machine.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result->machine.threads = threads.threads();
  return std::optional<CellResult>(std::move(*result));
}

} // namespace switchyard::jobs::experiment
