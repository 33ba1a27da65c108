#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/trace/simulator.h"

namespace switchyard::jobs {

/// Reads a MachineDescription from a JSON object whose keys are its fields in snake_case
/// (fast_memory, load_bandwidth, expert_bytes, ...); missing keys mean unknown.
/// Errors: as base::readTextFile; InvalidFormat naming an unknown key or a value that is no
/// non-negative number.
base::Result<trace::MachineDescription> readMachine(const std::filesystem::path& path);

} // namespace switchyard::jobs
