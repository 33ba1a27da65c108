#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::trace {

/// Decoded chunks that were read last, bounded in bytes; one chunk larger than the bound is kept
/// alone. Internal to core/trace.
class ChunkCache {
public:
  explicit ChunkCache(std::size_t maxBytes) : m_maxBytes(maxBytes) {}

  /// Null if it is not there. Valid until the next call.
  const std::vector<std::byte>* find(std::int64_t key);
  /// A buffer of `bytes` bytes for a chunk; others may be dropped for it. Valid until the next
  /// call.
  std::vector<std::byte>& insert(std::int64_t key, std::size_t bytes);
  void remove(std::int64_t key);

private:
  struct Entry {
    std::int64_t key = 0;
    std::uint64_t used = 0;
    std::vector<std::byte> data;
  };
  std::size_t m_maxBytes;
  std::size_t m_bytes = 0;
  std::uint64_t m_clock = 0;
  std::vector<Entry> m_entries;
};

} // namespace switchyard::trace
