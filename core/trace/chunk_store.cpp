#include "core/trace/chunk_store.h"

#include <algorithm>
#include <utility>

#include <zstd.h>

#include "core/trace/hash.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

/// No trace is this long; sums of positions below it cannot overflow.
constexpr std::int64_t kMaxPosition = std::int64_t{1} << 60;

std::uint64_t hashOf(std::int64_t key, const EncodedChunk& chunk, std::uint64_t seed) {
  return Hasher(seed)
      .integer(key)
      .integer(chunk.rows)
      .integer(static_cast<std::int64_t>(chunk.codec))
      .bytes(chunk.data)
      .digest();
}

tl::unexpected<base::Error> corrupt(const char* what) {
  return base::fail(ErrorCode::Corrupt, what);
}

/// The end of the bytes that segments hold.
base::Result<std::int64_t> endOfSegments(sql::Database& database) {
  sql::Statement last = SY_TRY(
      database.prepare("SELECT start + length(data) FROM segment ORDER BY start DESC LIMIT 1"));
  const std::int64_t end = SY_TRY(last.step()) ? last.integer(0) : 0;
  if (end < 0 || end > kMaxPosition)
    return corrupt("a segment starts where none can");
  return end;
}

} // namespace

base::Result<ChunkSource> ChunkSource::create(sql::Database& database, std::uint64_t hashSeed) {
  ChunkSource source;
  source.m_hashSeed = hashSeed;
  source.m_selectChunk =
      SY_TRY(database.prepare("SELECT rows, codec, hash, start, size FROM chunk WHERE key = ?"));
  source.m_selectSegment = SY_TRY(database.prepare(
      "SELECT start, data FROM segment WHERE start <= ? ORDER BY start DESC LIMIT 1"));
  return source;
}

base::Result<std::optional<EncodedChunk>> ChunkSource::find(std::int64_t key,
                                                            std::int64_t decodedBytes) {
  m_selectChunk.bind(1, key);
  const bool found = SY_TRY(m_selectChunk.step());
  const std::int64_t rows = found ? m_selectChunk.integer(0) : 0;
  const std::int64_t codec = found ? m_selectChunk.integer(1) : 0;
  const auto hash = static_cast<std::uint64_t>(found ? m_selectChunk.integer(2) : 0);
  const std::int64_t start = found ? m_selectChunk.integer(3) : 0;
  const std::int64_t size = found ? m_selectChunk.integer(4) : 0;
  m_selectChunk.reset();
  if (!found)
    return std::nullopt;
  const auto most = static_cast<std::int64_t>(
      ZSTD_compressBound(static_cast<std::size_t>(std::max<std::int64_t>(decodedBytes, 0))));
  if (codec < 0 || codec > 0xff || start < 0 || start > kMaxPosition || size < 0 || size > most)
    return corrupt("the chunk's entry is senseless");
  EncodedChunk chunk{.codec = static_cast<Codec>(codec), .rows = rows, .data = {}};
  chunk.data = SY_TRY(read(start, static_cast<std::size_t>(size)));
  if (hashOf(key, chunk, m_hashSeed) != hash)
    return corrupt("the chunk fails its checksum");
  return chunk;
}

base::Result<void> ChunkSource::fetch(std::int64_t position) {
  m_selectSegment.bind(1, position);
  const bool found = SY_TRY(m_selectSegment.step());
  const std::int64_t start = found ? m_selectSegment.integer(0) : 0;
  const std::span<const std::byte> data =
      found ? m_selectSegment.blob(1) : std::span<const std::byte>();
  const bool holds =
      start >= 0 && start <= position && position - start < static_cast<std::int64_t>(data.size());
  const bool continues = m_held.empty() || start == position;
  if (holds && continues) {
    if (m_held.empty())
      m_heldStart = start;
    m_held.insert(m_held.end(), data.begin(), data.end());
  }
  m_selectSegment.reset();
  if (!holds)
    return corrupt("bytes of the chunk are missing");
  if (!continues)
    return corrupt("segments overlap");
  return {};
}

base::Result<std::span<const std::byte>> ChunkSource::read(std::int64_t start, std::size_t size) {
  if (size == 0)
    return std::span<const std::byte>();
  const auto heldEnd = [&] { return m_heldStart + static_cast<std::int64_t>(m_held.size()); };
  const std::int64_t end = start + static_cast<std::int64_t>(size);
  if (start < m_heldStart || start >= heldEnd())
    m_held.clear();
  if (m_held.empty())
    SY_TRY(fetch(start));
  if (heldEnd() < end) {
    // What lies before the chunk has been read; segments then follow without a gap.
    m_held.erase(m_held.begin(), m_held.begin() + static_cast<std::ptrdiff_t>(start - m_heldStart));
    m_heldStart = start;
  }
  while (heldEnd() < end)
    SY_TRY(fetch(heldEnd()));
  return std::span<const std::byte>(m_held).subspan(static_cast<std::size_t>(start - m_heldStart),
                                                    size);
}

base::Result<ChunkSink> ChunkSink::create(sql::Database& database, std::uint64_t hashSeed) {
  ChunkSink sink;
  sink.m_hashSeed = hashSeed;
  sink.m_insertChunk = SY_TRY(database.prepare("INSERT INTO chunk VALUES(?,?,?,?,?,?)"));
  sink.m_insertSegment = SY_TRY(database.prepare("INSERT INTO segment VALUES(?,?)"));
  sink.m_start = SY_TRY(endOfSegments(database));
  return sink;
}

base::Result<void> ChunkSink::add(std::int64_t key, const EncodedChunk& chunk) {
  m_insertChunk.bind(1, key);
  m_insertChunk.bind(2, chunk.rows);
  m_insertChunk.bind(3, static_cast<std::int64_t>(chunk.codec));
  m_insertChunk.bind(4, static_cast<std::int64_t>(hashOf(key, chunk, m_hashSeed)));
  m_insertChunk.bind(5, m_start + static_cast<std::int64_t>(m_pending.size()));
  m_insertChunk.bind(6, static_cast<std::int64_t>(chunk.data.size()));
  SY_TRY(m_insertChunk.run());
  std::span<const std::byte> left = chunk.data;
  while (!left.empty()) {
    const std::size_t take = std::min(left.size(), kSegmentBytes - m_pending.size());
    m_pending.insert(m_pending.end(), left.begin(),
                     left.begin() + static_cast<std::ptrdiff_t>(take));
    left = left.subspan(take);
    if (m_pending.size() == kSegmentBytes)
      SY_TRY(flush());
  }
  return {};
}

base::Result<void> ChunkSink::flush() {
  if (m_pending.empty())
    return {};
  m_insertSegment.bind(1, m_start);
  m_insertSegment.bind(2, std::span<const std::byte>(m_pending));
  SY_TRY(m_insertSegment.run());
  m_start += static_cast<std::int64_t>(m_pending.size());
  m_pending.clear();
  return {};
}

base::Result<void> ChunkSink::removeFrom(sql::Database& database, std::int64_t key) {
  SY_TRY(flush());
  sql::Statement chunks = SY_TRY(database.prepare("DELETE FROM chunk WHERE key >= ?"));
  chunks.bind(1, key);
  SY_TRY(chunks.run());
  // Chunks are added sequence by sequence: those of the last one that is left end last.
  sql::Statement end = SY_TRY(database.prepare(
      "SELECT max(start + size) FROM chunk WHERE key >= (SELECT max(key) FROM chunk) >> 32 << 32"));
  const std::int64_t used = SY_TRY(end.step()) ? end.integer(0) : 0;
  end.reset();
  sql::Statement segments = SY_TRY(database.prepare("DELETE FROM segment WHERE start >= ?"));
  segments.bind(1, used);
  SY_TRY(segments.run());
  m_start = SY_TRY(endOfSegments(database));
  return {};
}

} // namespace switchyard::trace
