#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace switchyard::cli {

/// Runs this program in a process of its own with these words behind its name; what it prints on
/// standard output is dropped. Returns its exit code, 128 + n after signal n. Error Io.
base::Result<int> runProgram(const std::vector<std::string>& words);

} // namespace switchyard::cli
