#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::base {

/// A regular file opened for reading at any offset. Nothing is mapped, so a file that somebody
/// truncates meanwhile gives an error instead of killing the process. Reads are thread-safe.
class ReadFile {
public:
  /// Errors: NotFound, Io, InvalidFormat for anything but a regular file (FIFO, device, folder;
  /// opening never blocks on one).
  static Result<ReadFile> open(const std::filesystem::path& path);
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&& other) noexcept;
  ~ReadFile();

  std::uint64_t size() const { return m_size; } ///< bytes, when opened
  const std::filesystem::path& path() const { return m_path; }

  /// Fills all of `out` from `offset`. Errors: Io; Corrupt if the file ends before.
  Result<void> readAt(std::uint64_t offset, std::span<std::byte> out) const;

private:
  ReadFile(int descriptor, std::uint64_t size, std::filesystem::path path);
  int m_descriptor = -1;
  std::uint64_t m_size = 0;
  std::filesystem::path m_path;
};

/// The whole of a text file. Errors: as ReadFile, LimitExceeded if it is larger than maxBytes.
Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t maxBytes);

/// A file that appears under its name only when it is complete: written beside its place under a
/// temporary name, then fsync, rename, fsync of the folder. A reader sees the old or the new file,
/// never a part; a file that is not committed vanishes. Not thread-safe. Nothing is buffered.
class AtomicFile {
public:
  /// Error Io if the folder cannot be written to; NotFound if it does not exist.
  static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  /// Appends. Error Io (disk full, too); the file cannot be committed then.
  Result<void> write(std::span<const std::byte> bytes);
  /// Puts the file in its place. Nothing may be written afterwards. Error: Io.
  Result<void> commit();

private:
  AtomicFile(int descriptor, std::string temporary, std::filesystem::path path);
  int m_descriptor = -1;
  bool m_failed = false;
  std::string m_temporary;
  std::filesystem::path m_path;
};

/// Replaces the file at `path` by `content`, as AtomicFile does.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

} // namespace switchyard::base
