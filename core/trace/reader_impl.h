#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/trace/chunk_cache.h"
#include "core/trace/chunk_store.h"
#include "core/trace/codec.h"
#include "core/trace/reader.h"
#include "core/trace/store.h"

namespace switchyard::trace {

using RowStarts = std::shared_ptr<const std::vector<std::int64_t>>;

struct Trace::Impl {
  std::filesystem::path path;
  sql::OpenMode mode = sql::OpenMode::Read;
  MetaContent content;
  std::string digest;
  std::vector<std::string> notices;
  mutable std::mutex startsMutex;
  mutable RowStarts starts; ///< null until rowStarts() has read them
};

struct TraceReader::Impl {
  std::shared_ptr<const Trace> trace;
  const Trace::Impl* facts = nullptr;
  sql::Database database;
  std::optional<ChunkSource> chunks;
  sql::Statement selectSequence, selectSequences;
  ChunkDecoder decoder;
  ChunkCache cache{16u << 20};
  SequenceRow row; ///< looked up last; index -1: none

  static base::Result<RowStarts> rowStarts(TraceReader& reader); ///< of its trace
  base::Result<void> mustHave(std::int64_t sequence) const;
  /// The row of the table `sequence`, remembered.
  base::Result<const SequenceRow*> rowOf(std::int64_t sequence);
  /// A decoded chunk, from the cache or the file. Borrowed until the next call.
  base::Result<std::span<const std::byte>> chunk(const ExpectedChunk& which);
  /// Copies rows of a layer of a column of `sequence`, whatever chunks they are in.
  base::Result<void> copy(ChunkKind kind, const SequenceRow& sequence, int layer,
                          std::int64_t first, std::int64_t rows, std::span<std::byte> out);
  /// The same with all arguments checked.
  template <typename Value>
  base::Result<void> read(ChunkKind kind, std::int64_t sequence, int layer, std::int64_t first,
                          std::int64_t rows, std::span<Value> out);
};

} // namespace switchyard::trace
