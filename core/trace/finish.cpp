#include <fmt/format.h>

#include "core/trace/store.h"
#include "core/trace/writer_impl.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

/// Copies the chunks that `row` must have, verified, in the order of keys.
base::Result<void> copyChunks(const Layout& layout, const SequenceRow& row, std::uint64_t seed,
                              sql::Statement& select, sql::Statement& insert) {
  select.bind(1, ChunkKey{.sequence = row.info.index, .kind = ChunkKind{}}.pack());
  select.bind(2, ChunkKey{.sequence = row.info.index + 1, .kind = ChunkKind{}}.pack());
  const auto broken = [&](const ExpectedChunk& chunk, std::string_view why) {
    return base::fail(ErrorCode::Corrupt, fmt::format("sequence {}, column {}: {}", row.info.index,
                                                      name(chunk.key.kind), why));
  };
  auto copied =
      forEachExpectedChunk(layout, row, [&](const ExpectedChunk& chunk) -> base::Result<void> {
        if (!SY_TRY(select.step()) || select.integer(0) != chunk.key.pack())
          return broken(chunk, "a chunk is missing");
        const auto stored = readChunk(select, seed);
        if (!stored || stored->rows != chunk.rows)
          return broken(chunk,
                        stored ? "a chunk has not the rows it must have" : stored.error().message);
        bindChunk(insert, chunk.key.pack(), *stored, seed);
        return insert.run();
      });
  select.reset();
  return copied;
}

} // namespace

base::Result<void> TraceWriter::Impl::writeCanonical(const std::filesystem::path& target,
                                                     const base::RunControl& control) {
  MetaRows finalRows = metaRows;
  setProgress(finalRows, sequences, tokens, true);
  sql::Database copy = SY_TRY(createStore(target, finalRows));
  SY_TRY(copy.exec("BEGIN"));
  sql::Statement intoSequence = SY_TRY(copy.prepare(kInsertSequence));
  sql::Statement intoChunk = SY_TRY(copy.prepare(kInsertChunk));
  sql::Statement fromSequence = SY_TRY(database->prepare(kSelectSequences));
  sql::Statement fromChunk = SY_TRY(database->prepare(kSelectChunks));
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
    SY_TRY(copyChunks(layout, row, hashSeed, fromChunk, intoChunk));
    control.report(done, sequences, "sequences");
  }
  control.report(sequences, sequences, "sequences");
  return copy.exec("COMMIT");
}

} // namespace switchyard::trace
