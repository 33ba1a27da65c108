#include <fmt/format.h>

#include "core/trace/chunk_store.h"
#include "core/trace/store.h"
#include "core/trace/writer_impl.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

/// Copies the chunks that `row` must have, verified, in the order of keys.
base::Result<void> copyChunks(const Layout& layout, const SequenceRow& row, ChunkSource& from,
                              ChunkSink& to) {
  return forEachExpectedChunk(layout, row, [&](const ExpectedChunk& chunk) -> base::Result<void> {
    const std::int64_t key = chunk.key.pack();
    auto stored = from.find(key, chunk.decodedBytes());
    if (stored && *stored && (*stored)->rows == chunk.rows)
      return to.add(key, **stored);
    if (!stored && stored.error().code != ErrorCode::Corrupt)
      return tl::unexpected(stored.error());
    return base::fail(ErrorCode::Corrupt,
                      fmt::format("sequence {}, column {}: {}", row.info.index,
                                  name(chunk.key.kind),
                                  !stored    ? stored.error().message
                                  : !*stored ? "a chunk is missing"
                                             : "a chunk has not the rows it must have"));
  });
}

} // namespace

base::Result<void> TraceWriter::Impl::writeCanonical(const std::filesystem::path& target,
                                                     const base::RunControl& control) {
  MetaRows finalRows = metaRows;
  setProgress(finalRows, sequences, tokens, true);
  sql::Database copy = SY_TRY(createStore(target, finalRows));
  SY_TRY(copy.exec("BEGIN"));
  sql::Statement intoSequence = SY_TRY(copy.prepare(kInsertSequence));
  ChunkSource fromChunks = SY_TRY(ChunkSource::create(*database, hashSeed));
  ChunkSink intoChunks = SY_TRY(ChunkSink::create(copy, hashSeed));
  sql::Statement fromSequence = SY_TRY(database->prepare(kSelectSequences));
  fromSequence.bind(1, std::int64_t{0});
  fromSequence.bind(2, sequences);
  std::int64_t done = 0;
  // All sequence rows first: their pages stay together, so listing a trace reads few of them.
  while (SY_TRY(fromSequence.step())) {
    const SequenceRow row = SY_TRY(readSequence(fromSequence, hashSeed));
    if (row.info.index != done++)
      break;
    bindSequence(intoSequence, row, hashSeed);
    SY_TRY(intoSequence.run());
  }
  if (done != sequences)
    return base::fail(ErrorCode::Corrupt, fmt::format("sequence {} is missing", done),
                      {.file = path.string()});
  fromSequence.reset();
  for (done = 0; SY_TRY(fromSequence.step()); ++done) {
    SY_TRY(control.check());
    const SequenceRow row = SY_TRY(readSequence(fromSequence, hashSeed));
    SY_TRY(copyChunks(layout, row, fromChunks, intoChunks));
    control.report(done, sequences, "sequences");
  }
  SY_TRY(intoChunks.flush());
  control.report(sequences, sequences, "sequences");
  return copy.exec("COMMIT");
}

} // namespace switchyard::trace
