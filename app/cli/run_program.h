#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace switchyard::cli {

/// Runs this program in a process of its own with these words behind its name; what it prints on
/// standard output is dropped. A stop request interrupts it (SIGINT); it is waited for in any case.
/// Returns its exit code, 128 + n after signal n. Error Io.
base::Result<int> runProgram(const std::vector<std::string>& words, std::stop_token stop);

} // namespace switchyard::cli
