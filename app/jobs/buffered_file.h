#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/file.h"

namespace switchyard::jobs {

/// An AtomicFile that gathers small writes. Errors: as AtomicFile.
class BufferedFile {
public:
  static base::Result<BufferedFile> create(const std::filesystem::path& path) {
    return BufferedFile(SY_TRY(base::AtomicFile::create(path)));
  }
  base::Result<void> write(std::span<const std::byte> bytes) {
    m_written += bytes.size();
    if (m_buffer.size() + bytes.size() > kBufferBytes)
      SY_TRY(flush());
    if (bytes.size() > kBufferBytes)
      return m_file.write(bytes);
    m_buffer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  base::Result<void> write(std::string_view text) {
    return write(std::as_bytes(std::span(text.data(), text.size())));
  }
  base::Result<void> commit() {
    SY_TRY(flush());
    return m_file.commit();
  }
  std::uint64_t written() const { return m_written; } ///< bytes so far

private:
  static constexpr std::size_t kBufferBytes = 1u << 18;

  explicit BufferedFile(base::AtomicFile file) : m_file(std::move(file)) {}
  base::Result<void> flush() {
    SY_TRY(m_file.write(std::as_bytes(std::span(m_buffer.data(), m_buffer.size()))));
    m_buffer.clear();
    return {};
  }

  base::AtomicFile m_file;
  std::string m_buffer;
  std::uint64_t m_written = 0;
};

} // namespace switchyard::jobs
