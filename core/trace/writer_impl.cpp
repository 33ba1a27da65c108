#include "core/trace/writer_impl.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/checked.h"
#include "core/trace/atomic_file.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

std::uint64_t leastMemory(const Layout& layout) {
  std::uint64_t bytes = 0;
  for (const ColumnLayout& column : layout.columns())
    for (const LayerGroup& group : column.groups)
      bytes += static_cast<std::uint64_t>(column.chunkBytes(group));
  return bytes;
}

} // namespace

base::Result<std::unique_ptr<TraceWriter::Impl>>
TraceWriter::Impl::prepare(const std::filesystem::path& path, const TraceMeta& meta,
                           Columns columns, const WriterOptions& options) {
  SY_TRY(validate(meta, columns));
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->options = options;
  impl->meta = meta;
  impl->columns = columns;
  impl->layout = Layout::forWriting(meta, columns);
  const std::uint64_t least = leastMemory(impl->layout);
  if (least > options.memoryBytes)
    return base::fail(ErrorCode::LimitExceeded,
                      fmt::format("recording {} of this model needs {} bytes of buffers, but only "
                                  "{} are allowed; raise the memory bound or record less",
                                  describe(columns), least, options.memoryBytes));
  impl->lock = SY_TRY(LockFile::acquire(path));
  std::error_code ignored; // left behind by a killed process; we hold the lock
  std::filesystem::remove(beside(path, ".new"), ignored);
  return impl;
}

base::Result<void> TraceWriter::Impl::startFile() {
  metaRows = toRows(meta, columns, layout);
  const std::filesystem::path temporary = beside(path, ".new");
  {
    const auto created = createStore(temporary, metaRows);
    if (!created) {
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      return tl::unexpected(created.error());
    }
  }
  SY_TRY(replaceFile(temporary, path));
  return connect();
}

base::Result<void> TraceWriter::Impl::continueFile() {
  {
    const OpenedStore old = SY_TRY(openStore(path));
    const base::Where where{.file = path.string()};
    if (old.newer)
      return base::fail(ErrorCode::Unsupported,
                        "a newer version wrote this trace; it can be read but not continued",
                        where);
    if (old.content.complete)
      return base::fail(ErrorCode::InvalidArgument, "this trace is already complete", where);
    std::string difference = describeDifference(old.content.meta, meta);
    if (difference.empty() && !(old.content.columns == columns))
      difference = fmt::format("columns: {} are recorded, {} are given",
                               describe(old.content.columns), describe(columns));
    if (!difference.empty())
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("the trace cannot be continued: {}; give the same options or "
                                    "another file",
                                    difference),
                        where);
    meta = old.content.meta;
    layout = old.content.layout;
    sequences = old.content.sequences;
    tokens = old.content.tokens;
  }
  SY_TRY(connect());
  metaRows = SY_TRY(readMetaRows(*database));
  return removeFrom(sequences);
}

base::Result<void> TraceWriter::Impl::connect() {
  database = SY_TRY(sql::Database::open(path, sql::OpenMode::Write));
  SY_TRY(database->exec("PRAGMA trusted_schema=OFF; PRAGMA cache_size=-8192; "
                        "PRAGMA synchronous=NORMAL"));
  // With a journal in memory the change to WAL is one write of page 1: a kill leaves no journal
  // file that a reader without write access could not roll back.
  SY_TRY(database->exec("PRAGMA journal_mode=MEMORY"));
  if (SY_TRY(database->value("PRAGMA journal_mode=WAL")) != "wal")
    return base::fail(ErrorCode::Io,
                      "the file system does not allow recording here (no write-ahead log); record "
                      "to a local disk",
                      {.file = path.string()});
  insertSequence = SY_TRY(database->prepare(kInsertSequence));
  updateMeta = SY_TRY(database->prepare("UPDATE meta SET value=? WHERE key=?"));
  hashSeed = SY_TRY(fromRows(SY_TRY(readMetaRows(*database)))).hashSeed;
  sink = SY_TRY(ChunkSink::create(*database, hashSeed));
  for (const ColumnLayout& column : layout.columns())
    buffers.emplace_back(column, held);
  for (ColumnBuffer& buffer : buffers)
    bufferOf[static_cast<std::size_t>(buffer.layout().kind)] = &buffer;
  return {};
}

base::Result<void> TraceWriter::Impl::usable(bool needsSequence) const {
  if (failed)
    return tl::unexpected(*failed);
  if (!database)
    return base::fail(ErrorCode::InvalidArgument, "this recording is closed");
  if (needsSequence && !open)
    return base::fail(ErrorCode::InvalidArgument, "no sequence is open");
  return {};
}

base::Result<void> TraceWriter::Impl::keep(base::Result<void> result) {
  if (result || (result.error().code != ErrorCode::Io && result.error().code != ErrorCode::Corrupt))
    return result;
  failed = result.error();
  if (database) {
    (void)database->exec("ROLLBACK");
    database->keepWalOnClose();
  }
  return result;
}

base::Result<void> TraceWriter::Impl::begin() {
  if (inTransaction)
    return {};
  SY_TRY(database->exec("BEGIN IMMEDIATE"));
  inTransaction = true;
  return {};
}

base::Result<void> TraceWriter::Impl::commit() {
  if (inTransaction) {
    SY_TRY(sink->flush());
    setProgress(metaRows, sequences, tokens, false);
    for (const char* key : {"sequences", "tokens", "digest"}) {
      updateMeta.bind(1, metaRows.at(key));
      updateMeta.bind(2, std::string_view(key));
      SY_TRY(updateMeta.run());
    }
    SY_TRY(database->exec("COMMIT"));
  }
  inTransaction = false;
  uncommittedBytes = 0;
  lastCommit = std::chrono::steady_clock::now();
  return {};
}

base::Result<void> TraceWriter::Impl::commitIfDue() {
  if (uncommittedBytes < options.commitBytes &&
      std::chrono::steady_clock::now() - lastCommit < options.commitEvery)
    return {};
  return commit();
}

base::Result<void> TraceWriter::Impl::store(const ColumnBuffer& column, int group,
                                            ColumnBuffer::Chunk chunk) {
  if (chunk.number >= ChunkKey::kMaxNumber)
    return base::fail(ErrorCode::LimitExceeded, fmt::format("sequence {} is too long for column {}",
                                                            sequences, name(column.layout().kind)));
  const EncodedChunk encoded = SY_TRY(
      encoder.encode(column.layout(), column.layout().groups[static_cast<std::size_t>(group)], meta,
                     chunk.rows, scratch));
  SY_TRY(begin());
  const ChunkKey key{
      .sequence = sequences, .kind = column.layout().kind, .group = group, .number = chunk.number};
  SY_TRY(sink->add(key.pack(), encoded));
  uncommittedBytes += encoded.data.size();
  return commitIfDue();
}

base::Result<void> TraceWriter::Impl::flush(ColumnBuffer& column, int group, bool last) {
  for (;;) {
    const ColumnBuffer::Chunk chunk = column.take(group, last, scratch);
    if (chunk.rows == 0)
      return {};
    SY_TRY(store(column, group, chunk));
  }
}

template <typename Value>
base::Result<void> TraceWriter::Impl::append(ChunkKind kind, int layer, std::int64_t rows,
                                             std::span<const Value> values) {
  ColumnBuffer* buffer = find(kind);
  if (buffer == nullptr) {
    if (values.empty())
      return {};
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("column {} is not recorded in this trace", name(kind)));
  }
  const ColumnLayout& column = buffer->layout();
  if (layer < 0 || static_cast<std::size_t>(layer) >= column.widths.size())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("column {} has no layer {}", name(kind), layer));
  const auto wanted =
      base::checkedMul<std::int64_t>(rows, column.widths[static_cast<std::size_t>(layer)]);
  if (rows < 0 || !wanted || static_cast<std::int64_t>(values.size()) != *wanted)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("column {}: {} rows at layer {} with {} values", name(kind), rows,
                                  layer, values.size()));
  if (rows == 0)
    return {};
  if (held + values.size_bytes() > options.memoryBytes)
    return base::fail(
        ErrorCode::LimitExceeded,
        fmt::format("{} bytes are buffered and {} more rows of {} do not fit into the "
                    "bound of {}; run smaller passes or raise the memory bound",
                    held, rows, name(kind), options.memoryBytes));
  buffer->append(layer, rows, std::as_bytes(values));
  if (!buffer->hasChunk(layer))
    return {};
  return flush(*buffer, column.groupOfLayer[static_cast<std::size_t>(layer)], false);
}

template base::Result<void> TraceWriter::Impl::append(ChunkKind, int, std::int64_t,
                                                      std::span<const float>);
template base::Result<void> TraceWriter::Impl::append(ChunkKind, int, std::int64_t,
                                                      std::span<const std::int32_t>);

template <typename Value>
base::Result<void> TraceWriter::Impl::appendPieces(ChunkKind kind, std::span<const Value> values) {
  constexpr std::size_t kPiece = 1u << 20;
  for (std::size_t at = 0; at < values.size(); at += kPiece) {
    const auto piece = values.subspan(at, std::min(kPiece, values.size() - at));
    SY_TRY(append(kind, 0, static_cast<std::int64_t>(piece.size()), piece));
  }
  return {};
}

base::Result<void> TraceWriter::Impl::appendIds(int moeLayer, const RoutingRows& rows) {
  if (moeLayer < 0 || static_cast<std::size_t>(moeLayer) >= meta.layers.size())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("the trace has no MoE layer {}", moeLayer));
  const LayerInfo& info = meta.layers[static_cast<std::size_t>(moeLayer)];
  ids.resize(rows.ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (rows.ids[i] >= info.experts)
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("expert {} does not exist, the layer has {}", rows.ids[i], info.experts),
          {.layer = base::LayerId{info.layer}});
    ids[i] = rows.ids[i] < 0 ? kNoExpert : static_cast<std::uint16_t>(rows.ids[i]);
  }
  return append<std::uint16_t>(ChunkKind::Ids, moeLayer, rows.rows, ids);
}

base::Result<void> TraceWriter::Impl::appendRouting(int moeLayer, const RoutingRows& rows) {
  SY_TRY(appendIds(moeLayer, rows));
  SY_TRY(append(ChunkKind::Weights, moeLayer, rows.rows, rows.weights));
  SY_TRY(append(ChunkKind::Logits, moeLayer, rows.rows, rows.logits));
  return append(ChunkKind::Norms, moeLayer, rows.rows, rows.norms);
}

base::Result<void> TraceWriter::Impl::removeFrom(std::int64_t sequence) {
  SY_TRY(begin());
  sql::Statement remove = SY_TRY(database->prepare("DELETE FROM sequence WHERE seq >= ?"));
  remove.bind(1, sequence);
  SY_TRY(remove.run());
  return sink->removeFrom(*database, ChunkKey{.sequence = sequence, .kind = ChunkKind{}}.pack());
}

base::Result<void> TraceWriter::Impl::endSequence(std::span<const std::int32_t> sequenceTokens,
                                                  std::int64_t promptLength) {
  const auto count = static_cast<std::int64_t>(sequenceTokens.size());
  const std::int64_t rows = find(ChunkKind::Ids)->rows(0); // always recorded
  for (const ColumnBuffer& buffer : buffers) {
    const ChunkKind kind = buffer.layout().kind;
    if (kind == ChunkKind::Text || kind == ChunkKind::Tokens || kind == ChunkKind::Figures ||
        kind == ChunkKind::Distributions)
      continue;
    for (std::size_t l = 0; l < buffer.layout().widths.size(); ++l)
      if (buffer.rows(static_cast<int>(l)) != rows)
        return base::fail(
            ErrorCode::InvalidArgument,
            fmt::format("sequence {}: column {} has {} rows at layer {}, but ids have "
                        "{} at layer 0",
                        sequences, name(kind), buffer.rows(static_cast<int>(l)), l, rows));
  }
  if (rows > count || promptLength < 0 || promptLength > count)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("sequence {}: {} tokens, but {} rows and a prompt of {}",
                                  sequences, count, rows, promptLength));
  if (const ColumnBuffer* figures = find(ChunkKind::Figures);
      figures && figures->rows(0) != count - promptLength)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("sequence {}: {} rows of figures for {} generated tokens",
                                  sequences, figures->rows(0), count - promptLength));
  if (const ColumnBuffer* all = find(ChunkKind::Distributions))
    for (int which = 0; which < kDistributions; ++which)
      if (all->rows(which) != count - promptLength)
        return base::fail(ErrorCode::InvalidArgument,
                          fmt::format("sequence {}: {} distributions for {} generated tokens",
                                      sequences, all->rows(which), count - promptLength));
  SY_TRY(appendPieces<char>(ChunkKind::Text, openText));
  SY_TRY(appendPieces<std::int32_t>(ChunkKind::Tokens, sequenceTokens));
  open->info.promptLength = promptLength;
  open->tokens = count;
  open->rows = rows;
  open->textBytes = static_cast<std::int64_t>(openText.size());
  for (ColumnBuffer& buffer : buffers) {
    for (std::size_t g = 0; g < buffer.layout().groups.size(); ++g)
      SY_TRY(flush(buffer, static_cast<int>(g), true));
    buffer.clear();
  }
  SY_TRY(begin());
  bindSequence(insertSequence, *open, hashSeed);
  SY_TRY(insertSequence.run());
  open.reset();
  ++sequences;
  tokens += count;
  return commitIfDue();
}

base::Result<void> TraceWriter::Impl::abandon() {
  if (!open)
    return {};
  open.reset();
  for (ColumnBuffer& buffer : buffers)
    buffer.clear();
  return removeFrom(sequences);
}

void TraceWriter::Impl::close() {
  sink.reset();
  for (sql::Statement* statement : {&insertSequence, &updateMeta})
    *statement = sql::Statement();
  database.reset();
  lock = LockFile();
}

} // namespace switchyard::trace
