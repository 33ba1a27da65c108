#include "app/jobs/ranks/start.h"

#include <charconv>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>

#include <fmt/format.h>

#include "app/jobs/ranks/module.h"
#include "core/base/version.h"
#include "core/plugin/search_path.h"

namespace switchyard::jobs {

namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

std::optional<int> numberIn(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr)
    return std::nullopt;
  const std::string_view view(text);
  int value = 0;
  const auto [rest, error] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (error != std::errc() || rest != view.data() + view.size() || value < 0)
    return std::nullopt;
  return value;
}

/// The module beside the plugin folder of this program; empty if there is none.
fs::path modulePath() {
  std::error_code error;
  for (const plugin::PluginFolder& folder : plugin::defaultSearchPath())
    if (folder.origin == "build tree" || folder.origin == "installed")
      if (const fs::path path = folder.path.parent_path() / "switchyard_mpi.so";
          fs::exists(path, error))
        return path;
  return {};
}

} // namespace

std::optional<LaunchedAs> launchedAs() {
  constexpr std::pair<const char*, const char*> kLaunchers[] = {
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, // mpirun of OpenMPI
      {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"},            // srun --mpi=pmix
      {"PMI_RANK", "PMI_SIZE"},                         // srun --mpi=pmi2
  };
  for (const auto& [rankName, sizeName] : kLaunchers) {
    const auto rank = numberIn(rankName), size = numberIn(sizeName);
    if (rank && size)
      return *size > 1 ? std::optional<LaunchedAs>({*rank, *size, true}) : std::nullopt;
  }
  const auto rank = numberIn("SLURM_PROCID"), size = numberIn("SLURM_STEP_NUM_TASKS");
  if (rank && size && *size > 1)
    return LaunchedAs{*rank, *size, false};
  return std::nullopt;
}

base::Result<std::unique_ptr<Ranks>> joinRanks(const LaunchedAs& as) {
  if (!as.hasMpi)
    return base::fail(
        ErrorCode::Unsupported,
        fmt::format("srun has started {} processes that do not know each other; use srun "
                    "--mpi=pmix (or pmi2), or start one process",
                    as.size));
  const fs::path path = modulePath();
  if (path.empty())
    return base::fail(
        ErrorCode::Unsupported,
        fmt::format("this is one of {} processes, but the program was built without MPI; "
                    "build it with -DSWITCHYARD_MPI=ON, or start one process",
                    as.size));
  // Never closed: MPI runs until the process ends. Global, for MPI opens parts of itself.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr)
    return base::fail(ErrorCode::Unsupported, fmt::format("MPI cannot be used here: {}", dlerror()),
                      {.file = path.string()});
  const auto start = reinterpret_cast<StartRanks>(dlsym(module, kStartRanksName));
  const std::string version(base::version());
  std::unique_ptr<Ranks> ranks(start == nullptr ? nullptr : start(version.c_str()));
  if (!ranks)
    return base::fail(ErrorCode::Unsupported,
                      "this MPI module is of another version of the program, or MPI does not start",
                      {.file = path.string()});
  if (ranks->size() != as.size)
    return base::fail(
        ErrorCode::Unsupported,
        fmt::format("the launcher started {} processes, but its MPI is not the one this "
                    "program was built for (OpenMPI)",
                    as.size));
  return ranks;
}

} // namespace switchyard::jobs
