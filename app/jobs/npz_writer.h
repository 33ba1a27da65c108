#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/buffered_file.h"

namespace switchyard::jobs {

/// Writes a NumPy .npz: a ZIP archive of stored .npy arrays, streamed, with ZIP64 records where
/// sizes or counts need them. Dates are fixed (1980-01-01), so equal input gives equal bytes.
/// Follows PKWARE's APPNOTE 6.3.9 and NumPy's NEP 1 (format 1.0).
class NpzWriter {
public:
  static base::Result<NpzWriter> create(const std::filesystem::path& path);

  /// Starts an array. dtype: NumPy's descr ("<i8", "<f4", "<U12"); itemBytes: its size.
  /// Errors: InvalidArgument if the array before is not filled, a name comes twice in a row or is
  /// longer than 65535 bytes, or the size overflows; Io.
  base::Result<void> beginArray(const std::string& name, std::string_view dtype,
                                std::int64_t itemBytes, std::span<const std::int64_t> shape);
  /// The next bytes of the array, C order. Errors: InvalidArgument for too many; Io.
  base::Result<void> write(std::span<const std::byte> bytes);
  /// Ends the archive and puts it in place. Errors: InvalidArgument if an array is not filled; Io.
  base::Result<void> finish();

private:
  struct Entry {
    std::string name; ///< with ".npy"
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };
  explicit NpzWriter(BufferedFile file) : m_file(std::move(file)) {}
  base::Result<void> endArray();
  base::Result<void> put(std::span<const std::byte> bytes);

  BufferedFile m_file;
  std::vector<Entry> m_entries;
  std::uint64_t m_remaining = 0; ///< bytes that the open array still needs
  bool m_open = false;
};

} // namespace switchyard::jobs
