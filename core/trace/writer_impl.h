#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/trace/chunk_store.h"
#include "core/trace/codec.h"
#include "core/trace/column_buffer.h"
#include "core/trace/lock_file.h"
#include "core/trace/store.h"
#include "core/trace/writer.h"

namespace switchyard::trace {

struct TraceWriter::Impl {
  std::filesystem::path path;
  WriterOptions options;
  LockFile lock;
  TraceMeta meta;
  Columns columns;
  Layout layout;
  MetaRows metaRows;
  std::uint64_t hashSeed = 0;

  std::optional<sql::Database> database; ///< none once closed
  std::optional<ChunkSink> sink;
  sql::Statement insertSequence, updateMeta;
  bool inTransaction = false;
  std::uint64_t uncommittedBytes = 0;
  std::chrono::steady_clock::time_point lastCommit = std::chrono::steady_clock::now();
  std::optional<base::Error> failed; ///< the Io or Corrupt error that every later call repeats

  std::int64_t sequences = 0;
  std::int64_t tokens = 0;
  std::optional<SequenceRow> open; ///< the sequence being recorded
  std::string openText;
  std::uint64_t held = 0;                            ///< bytes in all buffers
  std::vector<ColumnBuffer> buffers;                 ///< in the order of the layout's columns
  std::array<ColumnBuffer*, kChunkKinds> bufferOf{}; ///< by ChunkKind; null: not recorded
  ChunkEncoder encoder;
  std::vector<std::byte> scratch;
  std::vector<std::uint16_t> ids;

  static base::Result<std::unique_ptr<Impl>> prepare(const std::filesystem::path& path,
                                                     const TraceMeta& meta, Columns columns,
                                                     const WriterOptions& options);
  /// Puts an empty recording at `path`.
  base::Result<void> startFile();
  /// Takes over what an incomplete recording holds.
  base::Result<void> continueFile();
  /// Opens the file at `path` for recording.
  base::Result<void> connect();

  base::Result<void> usable(bool needsSequence) const;
  /// Remembers an error that makes the recording unusable; passes every result through.
  base::Result<void> keep(base::Result<void> result);
  base::Result<void> begin();
  base::Result<void> commit();
  base::Result<void> commitIfDue();
  base::Result<void> store(const ColumnBuffer& column, int group, ColumnBuffer::Chunk chunk);
  /// Writes the chunks that are full, or everything left.
  base::Result<void> flush(ColumnBuffer& column, int group, bool last);
  /// The buffer of a column; null if it is not recorded.
  ColumnBuffer* find(ChunkKind kind) { return bufferOf[static_cast<std::size_t>(kind)]; }
  template <typename Value>
  base::Result<void> append(ChunkKind kind, int layer, std::int64_t rows,
                            std::span<const Value> values);
  /// Appends any number of values to a column of one layer and one value per row.
  template <typename Value>
  base::Result<void> appendPieces(ChunkKind kind, std::span<const Value> values);
  base::Result<void> appendIds(int moeLayer, const RoutingRows& rows);
  base::Result<void> appendRouting(int moeLayer, const RoutingRows& rows);
  base::Result<void> removeFrom(std::int64_t sequence);
  base::Result<void> endSequence(std::span<const std::int32_t> sequenceTokens,
                                 std::int64_t promptLength);
  base::Result<void> abandon();
  /// Writes the final file to `target`.
  base::Result<void> writeCanonical(const std::filesystem::path& target,
                                    const base::RunControl& control);
  void close();
};

} // namespace switchyard::trace
