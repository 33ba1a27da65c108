#include "core/trace/doctor_file.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

namespace switchyard::trace {
namespace {

using base::ErrorCode;

constexpr std::string_view kRemedy =
    "restore the file from a copy or capture it again; sequences that are whole can still be read";

} // namespace

void FileCheck::merge(const FileCheck& later) {
  sequences += later.sequences;
  tokens += later.tokens;
  chunks += later.chunks;
  badSequences.merge(later.badSequences);
  missingChunks.merge(later.missingChunks);
  damagedChunks.merge(later.damagedChunks);
  foreignIds.merge(later.foreignIds);
  strayChunks.merge(later.strayChunks);
  openChunks += later.openChunks;
  if (firstDamage.empty())
    firstDamage = later.firstDamage;
}

void FileCheck::report(const Trace& trace, std::vector<Finding>& findings) const {
  const auto add = [&](std::string check, Verdict verdict, const Tally& tally, std::int64_t of,
                       std::string_view unit, std::string remedy) {
    const bool found = tally.count > 0;
    findings.push_back(
        {.check = std::move(check),
         .verdict = found ? verdict : Verdict::Good,
         .evidence = found ? fmt::format("{} of {} {}, {}", tally.count, of, unit, tally.where())
                           : fmt::format("none of {} {}", of, unit),
         .remedy = found ? std::move(remedy) : std::string(),
         .count = tally.count});
  };
  if (trace.complete())
    findings.push_back({.check = "complete", .evidence = "recording was finished"});
  else
    findings.push_back({.check = "complete",
                        .verdict = Verdict::Note,
                        .evidence = fmt::format(
                            "recording was interrupted or goes on: {} sequences with {} tokens are "
                            "finished, {} chunks of the next are there",
                            trace.sequences(), trace.tokens(), openChunks),
                        .remedy = "continue it with capture --resume",
                        .count = 1});
  const std::string details = firstDamage.empty() ? "" : fmt::format(" ({})", firstDamage);
  add("sequence-rows", Verdict::Bad, badSequences, trace.sequences(),
      "sequences have a missing or damaged entry" + details, std::string(kRemedy));
  add("missing-chunks", Verdict::Bad, missingChunks, chunks, "chunks are missing",
      std::string(kRemedy));
  add("chunk-checksums", Verdict::Bad, damagedChunks, chunks, "chunks are damaged" + details,
      std::string(kRemedy));
  add("expert-range", Verdict::Bad, foreignIds, chunks,
      "chunks name experts that their layer does not have",
      "the program that wrote the trace stored ids of another model or numbering; import it again");
  add("stray-chunks", Verdict::Suspect, strayChunks, chunks, "chunks belong to no sequence",
      "the file was edited by another program; capture it again if in doubt");
  const bool counted = sequences == trace.sequences() && tokens == trace.tokens();
  findings.push_back(
      {.check = "counts",
       .verdict = counted || badSequences.count > 0 ? Verdict::Good : Verdict::Bad,
       .evidence = fmt::format("{} sequences and {} tokens are stored, {} and {} are announced",
                               sequences, tokens, trace.sequences(), trace.tokens()),
       .remedy = counted ? std::string() : std::string(kRemedy),
       .count = counted ? 0 : 1});
}

base::Result<ChunkVerifier> ChunkVerifier::create(const std::filesystem::path& path) {
  ChunkVerifier verifier;
  verifier.m_store = SY_TRY(openStore(path));
  verifier.m_selectSequence = SY_TRY(verifier.m_store.database.prepare(kSelectSequences));
  verifier.m_chunks =
      SY_TRY(ChunkSource::create(verifier.m_store.database, verifier.m_store.content.hashSeed));
  return verifier;
}

bool ChunkVerifier::verify(std::int64_t sequence, FileCheck& check) {
  m_store.database.setFuse(kLookupFuse);
  m_selectSequence.bind(1, sequence);
  m_selectSequence.bind(2, sequence + 1);
  auto row = [&]() -> base::Result<SequenceRow> {
    if (!SY_TRY(m_selectSequence.step()))
      return base::fail(ErrorCode::Corrupt, "its entry is missing");
    return readSequence(m_selectSequence, m_store.content.hashSeed);
  }();
  m_selectSequence.reset();
  if (!row) {
    check.badSequences.add(sequence, -1, -1);
    if (check.firstDamage.empty())
      check.firstDamage = row.error().message;
    return false;
  }
  ++check.sequences;
  check.tokens += row->tokens;
  bool whole = true;
  std::int64_t missing = 0;
  constexpr std::int64_t kGiveUp = 10'000; // a length that is a lie must not cost hours
  (void)forEachExpectedChunk(m_store.content.layout, *row,
                             [&](const ExpectedChunk& chunk) -> base::Result<void> {
                               const std::int64_t before = check.missingChunks.count;
                               whole = verifyChunk(chunk, check) && whole;
                               missing += check.missingChunks.count - before;
                               if (missing > kGiveUp)
                                 return base::fail(ErrorCode::LimitExceeded, "too many");
                               return {};
                             });
  return whole;
}

bool ChunkVerifier::verifyChunk(const ExpectedChunk& expected, FileCheck& check) {
  ++check.chunks;
  const std::int64_t firstRow = expected.key.number * expected.group->rowsPerChunk;
  const auto note = [&](Tally& tally) { tally.add(expected.key.sequence, firstRow, -1); };
  const auto damaged = [&](const std::string& why) {
    note(check.damagedChunks);
    if (check.firstDamage.empty())
      check.firstDamage = fmt::format("column {}: {}", name(expected.key.kind), why);
    return false;
  };
  m_store.database.setFuse(kLookupFuse);
  const auto found = m_chunks->find(expected.key.pack(), expected.decodedBytes());
  if (!found)
    return damaged(found.error().message);
  if (!*found) {
    note(check.missingChunks);
    return false;
  }
  const EncodedChunk& chunk = **found;
  if (chunk.rows != expected.rows)
    return damaged(fmt::format("{} rows instead of {}", chunk.rows, expected.rows));
  m_decoded.resize(static_cast<std::size_t>(expected.decodedBytes()));
  const TraceMeta& meta = m_store.content.meta;
  if (const auto decoded =
          m_decoder.decode(*expected.column, *expected.group, meta, chunk, m_decoded);
      !decoded)
    return damaged(decoded.error().message);
  if (!idsInRange(*expected.column, *expected.group, meta, expected.rows, m_decoded)) {
    note(check.foreignIds);
    return false;
  }
  return true;
}

base::Result<void> checkDatabase(const std::filesystem::path& path, const base::RunControl& control,
                                 std::vector<Finding>& findings) {
  OpenedStore store = SY_TRY(openStore(path));
  store.database.setFuse(std::numeric_limits<std::int64_t>::max(),
                         [&control] { return control.stop.stop_requested(); });
  std::int64_t problems = 0;
  std::string first;
  auto run = [&]() -> base::Result<void> {
    sql::Statement check = SY_TRY(store.database.prepare("PRAGMA quick_check(100)"));
    while (SY_TRY(check.step()))
      if (check.text(0) != "ok" && problems++ == 0)
        first = check.text(0);
    return {};
  }();
  SY_TRY(control.check());
  if (!run) {
    ++problems;
    first = run.error().message;
  }
  findings.push_back({.check = "file-structure",
                      .verdict = problems > 0 ? Verdict::Bad : Verdict::Good,
                      .evidence = problems > 0
                                      ? fmt::format("{} problems, first: {}", problems, first)
                                      : "pages and cells are in order",
                      .remedy = problems > 0 ? std::string(kRemedy) : std::string(),
                      .count = problems});
  return {};
}

base::Result<void> checkLeftovers(const Trace& trace, FileCheck& check) {
  OpenedStore store = SY_TRY(openStore(trace.path()));
  const auto count = [&](std::int64_t from, std::int64_t to) -> std::int64_t {
    store.database.setFuse(std::numeric_limits<std::int64_t>::max());
    auto select = store.database.prepare("SELECT count(*) FROM chunk WHERE key >= ? AND key < ?");
    if (!select)
      return 0;
    select->bind(1, from);
    select->bind(2, to);
    const auto row = select->step();
    return row && *row ? select->integer(0) : 0;
  };
  const std::int64_t end = ChunkKey{.sequence = trace.sequences(), .kind = ChunkKind{}}.pack();
  const std::int64_t after =
      ChunkKey{.sequence = trace.sequences() + 1, .kind = ChunkKind{}}.pack();
  const std::int64_t there = count(0, end);
  const std::int64_t due = check.chunks - check.missingChunks.count;
  std::int64_t stray = std::max<std::int64_t>(0, there - due) +
                       count(after, std::numeric_limits<std::int64_t>::max()) +
                       count(std::numeric_limits<std::int64_t>::min(), 0);
  (trace.complete() ? stray : check.openChunks) += count(end, after);
  if (stray > 0) {
    check.strayChunks.add(trace.sequences(), -1, -1);
    check.strayChunks.count = stray;
  }
  return {};
}

} // namespace switchyard::trace
