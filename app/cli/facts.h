#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace switchyard::cli {

/// Two aligned columns on standard output; rows without a value are left out.
void printFacts(const std::vector<std::pair<std::string, std::string>>& facts);

/// "32.9 MiB".
std::string humanBytes(std::uint64_t bytes);

/// What `info TRACE` and `trace info TRACE` print. Returns the exit code.
base::Result<int> printTraceInfo(const std::string& path, bool json);

} // namespace switchyard::cli
