#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace switchyard::trace {

/// Keeps a second writer away from a store (a trace, results): an advisory lock on `<path>.lock`,
/// gone with the process. A file of its own, because closing any descriptor of the database would
/// drop SQLite's own locks.
class LockFile {
public:
  /// Errors: InvalidArgument if somebody else holds it; Io.
  static base::Result<LockFile> acquire(const std::filesystem::path& path);
  LockFile() = default;
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

private:
  int m_descriptor = -1;
  std::filesystem::path m_file;
};

} // namespace switchyard::trace
