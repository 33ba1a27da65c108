#include "core/trace/atomic_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace switchyard::trace {
namespace {

bool sync(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0)
    return false;
  const bool done = ::fsync(fd) == 0;
  const int number = errno;
  ::close(fd);
  errno = number;
  return done;
}

} // namespace

base::Result<void> replaceFile(const std::filesystem::path& temporary,
                               const std::filesystem::path& path) {
  if (!sync(temporary, O_RDWR) || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(temporary.c_str());
    return base::fail(
        base::ErrorCode::Io,
        fmt::format("cannot put the finished file in place: {}", std::strerror(number)),
        {.file = path.string()});
  }
  // Some file systems refuse to sync folders; the rename itself is done.
  (void)sync(path.has_parent_path() ? path.parent_path() : ".", O_RDONLY | O_DIRECTORY);
  return {};
}

std::filesystem::path beside(const std::filesystem::path& path, const char* suffix) {
  std::filesystem::path other = path;
  other += suffix;
  return other;
}

} // namespace switchyard::trace
