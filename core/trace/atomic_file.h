#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace switchyard::trace {

/// Puts a finished file in the place of another in one step: fsync, rename, fsync of the folder.
/// Error Io; `temporary` is removed then. Internal to core/trace.
base::Result<void> replaceFile(const std::filesystem::path& temporary,
                               const std::filesystem::path& path);

/// `path` with something appended to its name: "t.swy" -> "t.swy-wal".
std::filesystem::path beside(const std::filesystem::path& path, const char* suffix);

} // namespace switchyard::trace
