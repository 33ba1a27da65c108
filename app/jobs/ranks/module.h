#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "app/jobs/ranks/ranks.h"

/// The function of the MPI module; the module comes with the program and is of its version. Null if
/// it is of another, or MPI does not start. The caller owns the ranks.
inline constexpr const char* kStartRanksName = "switchyard_start_ranks";
using StartRanks = switchyard::jobs::Ranks* (*)(const char* version);
