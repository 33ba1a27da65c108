#include "core/base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace switchyard::base {

namespace {

tl::unexpected<Error> systemError(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
  return fail(code, fmt::format("cannot {}: {}", what, std::strerror(number)),
              {.file = path.string()});
}

/// Closes a descriptor on scope exit.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

} // namespace

ReadFile::ReadFile(int descriptor, std::uint64_t size, std::filesystem::path path)
    : m_descriptor(descriptor), m_size(size), m_path(std::move(path)) {}

ReadFile::ReadFile(ReadFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_size(other.m_size),
      m_path(std::move(other.m_path)) {}

ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(m_descriptor, other.m_descriptor);
  std::swap(m_size, other.m_size);
  std::swap(m_path, other.m_path);
  return *this;
}

ReadFile::~ReadFile() {
  if (m_descriptor >= 0)
    ::close(m_descriptor);
}

Result<ReadFile> ReadFile::open(const std::filesystem::path& path) {
  Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (descriptor.fd < 0)
    return systemError("open", path);
  struct stat status {};
  if (::fstat(descriptor.fd, &status) != 0)
    return systemError("inspect", path);
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::InvalidFormat, "not a regular file", {.file = path.string()});
  return ReadFile(std::exchange(descriptor.fd, -1), static_cast<std::uint64_t>(status.st_size),
                  path);
}

Result<void> ReadFile::readAt(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::pread(m_descriptor, out.data() + done, out.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return systemError("read", m_path);
    if (got == 0)
      return fail(ErrorCode::Corrupt,
                  fmt::format("file ends at byte {}, {} bytes are missing; it was cut off or is "
                              "being rewritten",
                              offset + done, out.size() - done),
                  {.file = m_path.string()});
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t maxBytes) {
  const ReadFile file = SY_TRY(ReadFile::open(path));
  if (file.size() > maxBytes)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("{} bytes, but at most {} are accepted here", file.size(), maxBytes),
                {.file = path.string()});
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  SY_TRY(file.readAt(0, std::as_writable_bytes(std::span(text))));
  return text;
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content) {
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (file.fd < 0)
    return systemError("create a temporary file beside", path);
  const auto abandon = [&](std::string_view what) {
    auto error = systemError(what, path);
    ::unlink(temporary.c_str());
    return error;
  };
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t put = ::write(file.fd, content.data() + done, content.size() - done);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return abandon("write");
    done += static_cast<std::size_t>(put);
  }
  if (::fchmod(file.fd, 0644) != 0 || ::fsync(file.fd) != 0)
    return abandon("write");
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return abandon("replace");
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd >= 0)
    ::fsync(directory.fd);
  return {};
}

} // namespace switchyard::base
