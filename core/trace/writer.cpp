#include "core/trace/writer.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/trace/atomic_file.h"
#include "core/trace/writer_impl.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
namespace fs = std::filesystem;

/// Removes a trace with everything beside it. The lock is held.
base::Result<void> removeTrace(const fs::path& path) {
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm", ".finishing", ""}) {
    fs::remove(beside(path, suffix), error);
    if (error)
      return base::fail(ErrorCode::Io, fmt::format("cannot remove it: {}", error.message()),
                        {.file = beside(path, suffix).string()});
  }
  return {};
}

/// Labels as stored; error InvalidArgument if a text of the sequence is not UTF-8.
base::Result<std::string> labelsOf(const SequenceInfo& info) {
  auto texts = info.labels;
  texts.insert_or_assign("id", info.id + info.source);
  if (!labelsToJson(texts))
    return base::fail(
        ErrorCode::InvalidArgument,
        fmt::format("the id, source or a label of sequence {} is not UTF-8, or they are "
                    "longer than 1 MiB",
                    info.index));
  return *labelsToJson(info.labels);
}

} // namespace

base::Result<RecordingState> recordingState(const fs::path& path) {
  const auto store = openStore(path);
  if (store)
    return store->content.complete ? RecordingState::Complete : RecordingState::Incomplete;
  if (store.error().code == ErrorCode::NotFound)
    return RecordingState::Absent;
  return tl::unexpected(store.error());
}

TraceWriter::TraceWriter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
TraceWriter::~TraceWriter() = default;

base::Result<std::unique_ptr<TraceWriter>> TraceWriter::create(const fs::path& path,
                                                               const TraceMeta& meta,
                                                               Columns columns,
                                                               const WriterOptions& options) {
  auto impl = SY_TRY(Impl::prepare(path, meta, columns, options));
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) {
    if (!options.overwrite)
      return base::fail(ErrorCode::InvalidArgument,
                        "the file exists; choose another name, resume it or allow overwriting",
                        {.file = path.string()});
    if (!SY_TRY(looksLikeTrace(path)))
      return base::fail(ErrorCode::InvalidArgument,
                        "the file is not a trace and is not overwritten; choose another name",
                        {.file = path.string()});
  }
  SY_TRY(removeTrace(path));
  SY_TRY(impl->startFile());
  return std::unique_ptr<TraceWriter>(new TraceWriter(std::move(impl)));
}

base::Result<std::unique_ptr<TraceWriter>> TraceWriter::resume(const fs::path& path,
                                                               const TraceMeta& meta,
                                                               Columns columns,
                                                               const WriterOptions& options) {
  auto impl = SY_TRY(Impl::prepare(path, meta, columns, options));
  std::error_code ignored;
  fs::remove(beside(path, ".finishing"), ignored);
  if (fs::exists(fs::symlink_status(path, ignored)))
    SY_TRY(impl->continueFile());
  else
    SY_TRY(impl->startFile());
  return std::unique_ptr<TraceWriter>(new TraceWriter(std::move(impl)));
}

std::int64_t TraceWriter::sequences() const {
  return m_impl->sequences;
}
std::int64_t TraceWriter::tokens() const {
  return m_impl->tokens;
}
const TraceMeta& TraceWriter::meta() const {
  return m_impl->meta;
}
const Columns& TraceWriter::columns() const {
  return m_impl->columns;
}

base::Result<void> TraceWriter::beginSequence(const SequenceInfo& info) {
  SY_TRY(m_impl->usable(false));
  if (m_impl->open)
    return base::fail(ErrorCode::InvalidArgument, "the sequence before is still open");
  if (info.index != m_impl->sequences || info.index >= ChunkKey::kMaxSequences)
    return base::fail(
        ErrorCode::InvalidArgument,
        fmt::format("sequence {} is begun where {} is due", info.index, m_impl->sequences));
  SequenceRow row;
  row.info = {.index = info.index, .id = info.id, .source = info.source, .labels = info.labels};
  row.labelsJson = SY_TRY(labelsOf(info));
  m_impl->open = std::move(row);
  m_impl->openText = info.text;
  return {};
}

base::Result<void> TraceWriter::addRouting(int moeLayer, const RoutingRows& rows) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->appendRouting(moeLayer, rows));
}

base::Result<void> TraceWriter::addHidden(int depth, std::int64_t rows,
                                          std::span<const float> values) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->append(ChunkKind::Hidden, depth, rows, values));
}

base::Result<void> TraceWriter::addLmLogits(std::int64_t rows, std::span<const float> values) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->append(ChunkKind::LmLogits, 0, rows, values));
}

base::Result<void> TraceWriter::addPredicted(std::span<const std::int32_t> tokens) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(
      m_impl->append(ChunkKind::Predicted, 0, static_cast<std::int64_t>(tokens.size()), tokens));
}

base::Result<void> TraceWriter::addFigures(std::int64_t rows, std::span<const float> values) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->append(ChunkKind::Figures, 0, rows, values));
}

base::Result<void> TraceWriter::addDistribution(int which, std::int64_t rows,
                                                std::span<const float> values) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->append(ChunkKind::Distributions, which, rows, values));
}

base::Result<void> TraceWriter::endSequence(std::span<const std::int32_t> tokens,
                                            std::int64_t promptLength) {
  SY_TRY(m_impl->usable(true));
  return m_impl->keep(m_impl->endSequence(tokens, promptLength));
}

base::Result<void> TraceWriter::abandonSequence() {
  SY_TRY(m_impl->usable(false));
  return m_impl->keep(m_impl->abandon());
}

base::Result<void> TraceWriter::commit() {
  SY_TRY(m_impl->usable(false));
  return m_impl->keep(m_impl->commit());
}

base::Result<void> TraceWriter::stop() {
  SY_TRY(abandonSequence());
  SY_TRY(commit());
  // One plain file is easier to keep; a reader elsewhere may prevent it, which does no harm.
  (void)m_impl->database->exec("PRAGMA busy_timeout=0; PRAGMA journal_mode=MEMORY");
  m_impl->close();
  return {};
}

base::Result<void> TraceWriter::finish(const base::RunControl& control) {
  SY_TRY(m_impl->usable(false));
  if (m_impl->open)
    return base::fail(ErrorCode::InvalidArgument, "the last sequence is still open");
  SY_TRY(commit());
  const fs::path path = m_impl->path;
  const fs::path target = beside(path, ".finishing");
  std::error_code ignored;
  fs::remove(target, ignored);
  if (auto written = m_impl->writeCanonical(target, control); !written) {
    fs::remove(target, ignored);
    return written;
  }
  // Last chance for other programs' readers; ours ignore what lies beside a complete trace.
  (void)m_impl->database->exec("PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE)");
  const LockFile lock = std::move(m_impl->lock);
  m_impl->close();
  SY_TRY(replaceFile(target, path));
  fs::remove(beside(path, "-wal"), ignored);
  fs::remove(beside(path, "-shm"), ignored);
  return {};
}

} // namespace switchyard::trace
