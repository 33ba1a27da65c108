#include "core/trace/lock_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace switchyard::trace {

base::Result<LockFile> LockFile::acquire(const std::filesystem::path& path) {
  LockFile lock;
  lock.m_file = path;
  lock.m_file += ".lock";
  for (;;) {
    const int fd =
        ::open(lock.m_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (fd < 0)
      return base::fail(base::ErrorCode::Io,
                        fmt::format("cannot create the lock file: {}", std::strerror(errno)),
                        {.file = lock.m_file.string()});
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const int number = errno;
      ::close(fd);
      if (number == EWOULDBLOCK)
        return base::fail(base::ErrorCode::InvalidArgument,
                          "another process is writing this file; wait until it has finished or "
                          "choose another file",
                          {.file = path.string()});
      return base::fail(base::ErrorCode::Io, fmt::format("cannot lock: {}", std::strerror(number)),
                        {.file = lock.m_file.string()});
    }
    // The holder before us may have removed the file between our open and our lock.
    struct stat ours {
    }, named{};
    if (::fstat(fd, &ours) == 0 && ::stat(lock.m_file.c_str(), &named) == 0 &&
        ours.st_ino == named.st_ino && ours.st_dev == named.st_dev) {
      lock.m_descriptor = fd;
      return lock;
    }
    ::close(fd);
  }
}

LockFile::LockFile(LockFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_file(std::move(other.m_file)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(m_descriptor, other.m_descriptor);
  std::swap(m_file, other.m_file);
  return *this;
}

LockFile::~LockFile() {
  if (m_descriptor < 0)
    return;
  ::unlink(m_file.c_str());
  ::close(m_descriptor);
}

} // namespace switchyard::trace
