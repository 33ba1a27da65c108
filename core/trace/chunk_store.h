#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/trace/codec.h"
#include "core/trace/layout.h"
#include "core/trace/sqlite.h"

/// Chunks inside a trace file: the table `chunk` says where the bytes of each lie in one long
/// sequence of bytes, which the table `segment` holds in pieces. Rows of SQLite pack badly when
/// they are a few KiB, and chunks of short prompts are; segments fill their pages whatever the
/// chunks are like. Internal to core/trace.
namespace switchyard::trace {

/// Leaves the least payload (1003 bytes) in the leaf and fills 7 overflow pages of 8192 bytes.
constexpr std::size_t kSegmentBytes = 1003 + 7 * 8188;

/// Finds chunks. Keeps the consecutive segments read last, so reading neighbours costs one fetch.
class ChunkSource {
public:
  static base::Result<ChunkSource> create(sql::Database& database, std::uint64_t hashSeed);

  /// The chunk with a key, its hash verified; nothing if there is none. The data are borrowed until
  /// the next call. `decodedBytes` bounds what is read. Errors: Corrupt (hash, bytes missing,
  /// longer than such a chunk can be), Io.
  base::Result<std::optional<EncodedChunk>> find(std::int64_t key, std::int64_t decodedBytes);

private:
  base::Result<std::span<const std::byte>> read(std::int64_t start, std::size_t size);
  /// Appends the segment that holds a byte to m_held, which ends there or is empty.
  base::Result<void> fetch(std::int64_t position);

  std::uint64_t m_hashSeed = 0;
  sql::Statement m_selectChunk, m_selectSegment;
  std::int64_t m_heldStart = 0;
  std::vector<std::byte> m_held; ///< of segments in a row; empty: none
};

/// Adds chunks at the end.
class ChunkSink {
public:
  /// Continues after what is there.
  static base::Result<ChunkSink> create(sql::Database& database, std::uint64_t hashSeed);

  base::Result<void> add(std::int64_t key, const EncodedChunk& chunk);
  /// Writes the segment begun, however short.
  base::Result<void> flush();
  /// Removes the chunks with keys of `key` and above, and segments that only they used.
  base::Result<void> removeFrom(sql::Database& database, std::int64_t key);

private:
  std::uint64_t m_hashSeed = 0;
  sql::Statement m_insertChunk, m_insertSegment;
  std::int64_t m_start = 0;         ///< of m_pending
  std::vector<std::byte> m_pending; ///< not yet in a segment
};

} // namespace switchyard::trace
