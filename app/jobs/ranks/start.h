#pragma once

#include <memory>
#include <optional>

#include "app/jobs/ranks/ranks.h"
#include "core/base/error.h"

namespace switchyard::jobs {

/// Which of how many processes a launcher (mpirun, srun) has started this one as, from what the
/// environment says; nothing when it runs alone or is the only one.
struct LaunchedAs {
  int rank = 0;
  int size = 1;
  bool hasMpi = true; ///< false: srun without its MPI support
};
std::optional<LaunchedAs> launchedAs();

/// Joins the other processes. Takes a third of a second with what leaving takes, and waits for all
/// of them. Once in a process. Errors: Unsupported if this program was built without MPI or the
/// launcher has none, or MPI does not start.
base::Result<std::unique_ptr<Ranks>> joinRanks(const LaunchedAs& as);

} // namespace switchyard::jobs
