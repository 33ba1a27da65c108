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

AtomicFile::AtomicFile(int descriptor, std::string temporary, std::filesystem::path path)
    : m_descriptor(descriptor), m_temporary(std::move(temporary)), m_path(std::move(path)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_failed(other.m_failed),
      m_temporary(std::move(other.m_temporary)), m_path(std::move(other.m_path)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(m_descriptor, other.m_descriptor);
  std::swap(m_failed, other.m_failed);
  std::swap(m_temporary, other.m_temporary);
  std::swap(m_path, other.m_path);
  return *this;
}

AtomicFile::~AtomicFile() {
  if (m_descriptor < 0)
    return;
  ::close(m_descriptor);
  ::unlink(m_temporary.c_str());
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0)
    return systemError("create a temporary file beside", path);
  return AtomicFile(descriptor, std::move(temporary), path);
}

Result<void> AtomicFile::write(std::span<const std::byte> bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put = ::write(m_descriptor, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0) {
      auto error = systemError("write", m_path);
      m_failed = true;
      return error;
    }
    done += static_cast<std::size_t>(put);
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (m_failed)
    return fail(ErrorCode::Io, "not put in place because writing it failed",
                {.file = m_path.string()});
  if (::fchmod(m_descriptor, 0644) != 0 || ::fsync(m_descriptor) != 0)
    return systemError("write", m_path);
  if (::rename(m_temporary.c_str(), m_path.c_str()) != 0)
    return systemError("replace", m_path);
  ::close(std::exchange(m_descriptor, -1));
  const std::filesystem::path folder = m_path.has_parent_path() ? m_path.parent_path() : ".";
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd >= 0)
    ::fsync(directory.fd);
  return {};
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file = SY_TRY(AtomicFile::create(path));
  SY_TRY(file.write(std::as_bytes(std::span(content))));
  return file.commit();
}

} // namespace switchyard::base
