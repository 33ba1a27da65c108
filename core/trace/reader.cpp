#include "core/trace/reader.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/trace/atomic_file.h"
#include "core/trace/reader_impl.h"

namespace switchyard::trace {
namespace {

namespace fs = std::filesystem;

std::uint64_t sizeOf(const fs::path& path) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

} // namespace

Trace::Trace(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Trace::~Trace() = default;

base::Result<std::shared_ptr<const Trace>> Trace::open(const fs::path& path) {
  OpenedStore store = SY_TRY(openStore(path));
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->mode = store.mode;
  impl->digest = std::move(store.digest);
  impl->content = std::move(store.content);
  if (store.newer)
    impl->notices.emplace_back(
        "a newer version of Switchyard wrote this trace; it is opened read-only and what this "
        "version does not know is left out");
  if (!impl->content.complete)
    impl->notices.push_back(
        fmt::format("recording was interrupted or goes on: {} sequences with {} tokens are there",
                    impl->content.sequences, impl->content.tokens));
  return std::shared_ptr<const Trace>(new Trace(std::move(impl)));
}

const fs::path& Trace::path() const {
  return m_impl->path;
}
const TraceMeta& Trace::meta() const {
  return m_impl->content.meta;
}
const Columns& Trace::columns() const {
  return m_impl->content.columns;
}
std::int64_t Trace::sequences() const {
  return m_impl->content.sequences;
}
std::int64_t Trace::tokens() const {
  return m_impl->content.tokens;
}
bool Trace::complete() const {
  return m_impl->content.complete;
}
const std::vector<std::string>& Trace::notices() const {
  return m_impl->notices;
}
const std::string& Trace::id() const {
  return m_impl->digest;
}

std::uint64_t Trace::fileBytes() const {
  return sizeOf(m_impl->path) + (complete() ? 0 : sizeOf(beside(m_impl->path, "-wal")));
}

base::Result<std::unique_ptr<TraceReader>> Trace::reader() const {
  auto impl = std::make_unique<TraceReader::Impl>();
  impl->trace = shared_from_this();
  impl->facts = m_impl.get();
  impl->row.info.index = -1;
  impl->database = SY_TRY(sql::Database::open(m_impl->path, m_impl->mode));
  SY_TRY(impl->database.harden(kLookupFuse));
  const bool same =
      complete() ? SY_TRY(impl->database.value("SELECT value FROM meta WHERE key='digest'")) == id()
                 : SY_TRY(impl->database.value("SELECT value FROM meta WHERE key='hash_seed'")) ==
                       std::to_string(m_impl->content.hashSeed);
  if (!same)
    return base::fail(base::ErrorCode::Io,
                      "the file was replaced by another trace since it was opened; open it again",
                      {.file = m_impl->path.string()});
  impl->chunks = SY_TRY(ChunkSource::create(impl->database, m_impl->content.hashSeed));
  impl->selectSequence = SY_TRY(impl->database.prepare(kSelectSequences));
  impl->selectSequences = SY_TRY(impl->database.prepare(kSelectSequences));
  return std::unique_ptr<TraceReader>(new TraceReader(std::move(impl)));
}

} // namespace switchyard::trace
