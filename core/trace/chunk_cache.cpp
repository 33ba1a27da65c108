#include "core/trace/chunk_cache.h"

#include <algorithm>
#include <utility>

namespace switchyard::trace {

const std::vector<std::byte>* ChunkCache::find(std::int64_t key) {
  for (Entry& entry : m_entries)
    if (entry.key == key) {
      entry.used = ++m_clock;
      return &entry.data;
    }
  return nullptr;
}

std::vector<std::byte>& ChunkCache::insert(std::int64_t key, std::size_t bytes) {
  std::vector<std::byte> buffer;
  while (!m_entries.empty() && m_bytes + bytes > m_maxBytes) {
    const auto oldest =
        std::min_element(m_entries.begin(), m_entries.end(),
                         [](const Entry& a, const Entry& b) { return a.used < b.used; });
    m_bytes -= oldest->data.size();
    buffer = std::move(oldest->data);
    *oldest = std::move(m_entries.back());
    m_entries.pop_back();
  }
  if (buffer.capacity() > 2 * bytes)
    buffer = std::vector<std::byte>();
  buffer.resize(bytes);
  m_bytes += bytes;
  m_entries.push_back({.key = key, .used = ++m_clock, .data = std::move(buffer)});
  return m_entries.back().data;
}

void ChunkCache::remove(std::int64_t key) {
  const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found == m_entries.end())
    return;
  m_bytes -= found->data.size();
  *found = std::move(m_entries.back());
  m_entries.pop_back();
}

} // namespace switchyard::trace
