#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <zstd.h>

#include "core/base/rng.h"
#include "core/trace/chunk_store.h"
#include "core/trace/doctor.h"
#include "core/trace/scan.h"
#include "core/trace/store.h"
#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using namespace switchyard::trace::testing;

constexpr Columns kColumns{.weights = true, .logits = true};

/// Runs SQL on a file behind our back.
void edit(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_free(message);
  sqlite3_close(database);
}

class HostileTrace : public ::testing::Test {
protected:
  void SetUp() override { recordAll(m_path, {}, kColumns, 5); }

  /// Without the long sequence, for tests that read the trace many times.
  void recordSmall() {
    WriterOptions options;
    options.overwrite = true;
    recordAll(m_path, {}, kColumns, 3, {}, options);
  }
  ErrorCode codeOfOpen() const {
    const auto trace = Trace::open(m_path);
    EXPECT_FALSE(trace);
    return trace ? ErrorCode::Internal : trace.error().code;
  }
  Finding finding(std::string_view check) const {
    const auto report = checkTrace(m_path, base::ThreadContext(2));
    EXPECT_TRUE(report) << report.error().describe();
    for (const Finding& each : report ? report->findings : std::vector<Finding>{})
      if (each.check == check)
        return each;
    return {};
  }
  /// Changes the table meta and makes its digest right again.
  void forgeMeta(const std::string& key, const std::string& value) {
    auto database = sql::Database::open(m_path, sql::OpenMode::Write);
    ASSERT_TRUE(database);
    MetaRows rows = readMetaRows(*database).value();
    const std::int64_t sequences = std::stoll(rows.at("sequences"));
    const std::int64_t tokens = std::stoll(rows.at("tokens"));
    rows[key] = value;
    setProgress(rows, sequences, tokens, true);
    for (const char* each : {key.c_str(), "digest"}) {
      auto update = database->prepare("UPDATE meta SET value=? WHERE key=?");
      update->bind(1, rows.at(each));
      update->bind(2, std::string_view(each));
      ASSERT_TRUE(update->run());
    }
  }
  /// Replaces a sequence's entry by one with a right checksum.
  void forgeSequence(std::int64_t s, const std::function<void(SequenceRow&)>& change) {
    const std::uint64_t seed = openStore(m_path)->content.hashSeed;
    auto database = sql::Database::open(m_path, sql::OpenMode::Write);
    ASSERT_TRUE(database);
    auto select = database->prepare(kSelectSequences);
    select->bind(1, s);
    select->bind(2, s + 1);
    ASSERT_TRUE(select->step().value());
    SequenceRow row = readSequence(*select, seed).value();
    select->reset();
    change(row);
    ASSERT_TRUE(database->exec(("DELETE FROM sequence WHERE seq=" + std::to_string(s)).c_str()));
    auto insert = database->prepare(kInsertSequence);
    bindSequence(*insert, row, seed);
    ASSERT_TRUE(insert->run());
  }
  /// Replaces a chunk by one with a right checksum.
  void forgeChunk(const ChunkKey& key, const EncodedChunk& chunk) {
    const std::uint64_t seed = openStore(m_path)->content.hashSeed;
    auto database = sql::Database::open(m_path, sql::OpenMode::Write);
    ASSERT_TRUE(database);
    ASSERT_TRUE(
        database->exec(("DELETE FROM chunk WHERE key=" + std::to_string(key.pack())).c_str()));
    auto sink = ChunkSink::create(*database, seed);
    ASSERT_TRUE(sink && sink->add(key.pack(), chunk) && sink->flush());
  }

  TemporaryFolder m_folder;
  std::filesystem::path m_path = m_folder / "t.swy";
};

TEST_F(HostileTrace, FilesThatAreNoTraces) {
  EXPECT_EQ(Trace::open(m_folder / "none.swy").error().code, ErrorCode::NotFound);
  EXPECT_EQ(Trace::open(m_folder.path()).error().code, ErrorCode::InvalidFormat);
  writeBytes(m_path, "");
  EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat);
  writeBytes(m_path, "SQLite format 3");
  EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat);
  writeBytes(m_path, std::string(5000, 'x'));
  EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat);
  ASSERT_EQ(::mkfifo((m_folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(Trace::open(m_folder / "fifo").error().code, ErrorCode::InvalidFormat);
}

TEST_F(HostileTrace, ApplicationIdAndVersions) {
  edit(m_path, "PRAGMA user_version=0");
  EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat);
  edit(m_path, "PRAGMA user_version=1; PRAGMA application_id=1");
  EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat);
}

TEST_F(HostileTrace, NewerVersionIsReadOnly) {
  edit(m_path, "PRAGMA user_version=7; CREATE TABLE zz_later(x)");
  const auto trace = Trace::open(m_path);
  ASSERT_TRUE(trace) << trace.error().describe();
  EXPECT_THAT((*trace)->notices(), ::testing::ElementsAre(HasSubstr("newer version")));
  expectContent(**trace);
  forgeMeta("complete", "false");
  const auto resumed = TraceWriter::resume(m_path, metaOf({}), kColumns);
  ASSERT_FALSE(resumed);
  forgeMeta("min_reader", "2");
  const auto refused = Trace::open(m_path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unsupported);
}

TEST_F(HostileTrace, SchemaMustBeOurs) {
  const std::string original = bytesOf(m_path);
  for (const char* sql :
       {"CREATE TRIGGER evil AFTER INSERT ON chunk BEGIN DELETE FROM meta; END",
        "CREATE VIEW other AS SELECT * FROM chunk", "CREATE TABLE extra(x)",
        "CREATE INDEX i ON chunk(rows)",
        "ALTER TABLE chunk RENAME TO hidden_chunk; CREATE VIEW chunk AS SELECT key, rows, codec, "
        "hash, start, size FROM hidden_chunk",
        "DROP TABLE sequence", "ALTER TABLE sequence ADD COLUMN more",
        "CREATE TABLE t2 AS SELECT * FROM meta; DROP TABLE meta; ALTER TABLE t2 RENAME TO meta"}) {
    writeBytes(m_path, original);
    edit(m_path, sql);
    EXPECT_EQ(codeOfOpen(), ErrorCode::InvalidFormat) << sql;
    EXPECT_EQ(checkTrace(m_path, base::ThreadContext(1)).error().code, ErrorCode::InvalidFormat);
  }
}

TEST_F(HostileTrace, MetaDataAreChecked) {
  edit(m_path, "UPDATE meta SET value='x' WHERE key='family'");
  EXPECT_EQ(codeOfOpen(), ErrorCode::Corrupt);
  EXPECT_EQ(finding("meta-data").verdict, Verdict::Bad);
}

TEST_F(HostileTrace, ForgedMetaData) {
  const std::string original = bytesOf(m_path);
  const std::string layout = Layout::forWriting(metaOf({}), kColumns).text();
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"layers", "[[0,70000,2]]"},
           {"layers", "[[1,32,33],[2,256,2],[4,300,6]]"},
           {"layers", "[]"},
           {"layers", std::string(1000, '[')},
           {"stack_layers", "-1"},
           {"stack_layers", "99999999999999999999"},
           {"hidden", "1e3"},
           {"columns", "ids,ids"},
           {"columns", "ids,weights,logits,hidden"},
           {"layout", ""},
           {"layout", layout + "x"},
           {"layout", "text 1x1048576;tokens 1x8192;ids 3x99999999999;"},
           {"layout", "text 1x1048576;tokens 1x8192;ids 3x134217728;"},
           {"layout", "text 1x1048576;tokens 1x8192;ids 4x100;"},
           {"layout", "text 1x0;"},
           {"sequences", "4294967296000"},
           {"gate", "magic"},
           {"options", "{\"a\":1}"},
           {"seed", "-1"}}) {
    writeBytes(m_path, original);
    if (key == "sequences") {
      edit(m_path, "UPDATE meta SET value='" + value + "' WHERE key='sequences'");
      EXPECT_EQ(codeOfOpen(), ErrorCode::Corrupt);
      continue;
    }
    forgeMeta(key, value);
    EXPECT_THAT(codeOfOpen(), ::testing::AnyOf(ErrorCode::InvalidFormat, ErrorCode::LimitExceeded))
        << key << " = " << value;
  }
}

TEST_F(HostileTrace, LengthsThatAreLies) {
  forgeSequence(1, [](SequenceRow& row) { row.tokens = row.rows = std::int64_t{1} << 50; });
  forgeSequence(2, [](SequenceRow& row) { row.textBytes = std::int64_t{1} << 60; });
  const auto reader = *(*Trace::open(m_path))->reader();
  EXPECT_EQ(reader->sequence(1).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(reader->sequence(2).error().code, ErrorCode::Corrupt);
  EXPECT_TRUE(reader->sequence(2, SequenceText::Skip));
  std::vector<std::uint16_t> ids(4);
  EXPECT_EQ(reader->ids(1, 0, (std::int64_t{1} << 50) - 1, 1, ids).error().code,
            ErrorCode::Corrupt);
  EXPECT_EQ(finding("chunk-checksums").verdict, Verdict::Bad);
  EXPECT_EQ(finding("missing-chunks").verdict, Verdict::Bad);
  EXPECT_EQ(finding("counts").verdict, Verdict::Bad);
}

TEST_F(HostileTrace, ContradictoryLengths) {
  forgeSequence(1, [](SequenceRow& row) { row.rows = row.tokens + 1; });
  forgeSequence(2, [](SequenceRow& row) { row.info.promptLength = -1; });
  const auto reader = *(*Trace::open(m_path))->reader();
  EXPECT_EQ(reader->size(1).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(reader->size(2).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(finding("sequence-rows").count, 2);
}

TEST_F(HostileTrace, ForgedChunks) {
  const std::int64_t rows = lengthOf(0);
  const ChunkKey ids{.sequence = 0, .kind = ChunkKind::Ids};
  const auto plain = static_cast<std::size_t>(rows * (4 + 2 + 6) * 2);
  const std::vector<std::byte> foreign(plain, std::byte{0x70});
  std::vector<std::byte> bomb(ZSTD_compressBound(64u << 20));
  const std::vector<char> zeros(64u << 20);
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 1));
  const std::vector<std::byte> empty;
  struct Case {
    EncodedChunk chunk;
    const char* check;
  };
  for (const Case& each :
       {Case{{.codec = Codec::Plain, .rows = rows, .data = foreign}, "expert-range"},
        Case{{.codec = Codec::Zstd, .rows = rows, .data = bomb}, "chunk-checksums"},
        Case{{.codec = Codec::BytesZstd, .rows = rows, .data = bomb}, "chunk-checksums"},
        Case{{.codec = Codec::ShuffledZstd, .rows = rows, .data = empty}, "chunk-checksums"},
        Case{{.codec = Codec::Bytes, .rows = rows, .data = foreign}, "chunk-checksums"},
        Case{{.codec = static_cast<Codec>(9), .rows = rows, .data = foreign}, "chunk-checksums"},
        Case{{.codec = Codec::Plain, .rows = rows + 1, .data = foreign}, "chunk-checksums"},
        Case{{.codec = Codec::Plain, .rows = -5, .data = foreign}, "chunk-checksums"}}) {
    forgeChunk(ids, each.chunk);
    const auto reader = *(*Trace::open(m_path))->reader();
    std::vector<std::uint16_t> out(4);
    const auto read = reader->ids(0, 0, 0, 1, out);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().code, ::testing::AnyOf(ErrorCode::Corrupt, ErrorCode::Unsupported));
    EXPECT_THAT(read.error().message, HasSubstr("sequence 0, column ids"));
    EXPECT_EQ(finding(each.check).verdict, Verdict::Bad);
  }
  forgeChunk({.sequence = 0, .kind = ChunkKind::Text},
             {.codec = Codec::BytesZstd, .rows = 11, .data = bomb});
  EXPECT_FALSE((*(*Trace::open(m_path))->reader())->sequence(0));
}

TEST_F(HostileTrace, MissingAndStrayChunks) {
  edit(m_path, "DELETE FROM chunk WHERE key IN (SELECT key FROM chunk WHERE key>=3<<32 AND "
               "key<4<<32 ORDER BY key LIMIT 2 OFFSET 3)");
  edit(m_path, "INSERT INTO chunk VALUES(5<<40,1,0,0,0,0)");
  EXPECT_EQ(finding("missing-chunks").count, 2);
  EXPECT_EQ(finding("stray-chunks").count, 1);
  edit(m_path, "DELETE FROM sequence WHERE seq=2");
  EXPECT_EQ(finding("sequence-rows").count, 1);
  const auto reader = *(*Trace::open(m_path))->reader();
  EXPECT_EQ(reader->sequence(2).error().code, ErrorCode::Corrupt);
  EXPECT_TRUE(reader->sequence(4)) << "what is whole can be read";
}

TEST_F(HostileTrace, ScanOfADamagedTraceIsAnError) {
  edit(m_path, "DELETE FROM chunk WHERE key>=3<<32 AND key<4<<32");
  const auto trace = *Trace::open(m_path);
  EXPECT_EQ(scan(trace, {}, base::ThreadContext(2)).error().code, ErrorCode::Corrupt);
}

TEST_F(HostileTrace, AFlippedBitInAnyChunkIsFound) {
  struct Place {
    std::int64_t start, size;
  };
  std::vector<Place> chunks;
  std::vector<std::int64_t> segments;
  {
    OpenedStore store = openStore(m_path).value();
    sql::Statement select = store.database.prepare("SELECT start, size FROM chunk").value();
    while (select.step().value())
      chunks.push_back({select.integer(0), select.integer(1)});
    select = store.database.prepare("SELECT start FROM segment ORDER BY start").value();
    while (select.step().value())
      segments.push_back(select.integer(0));
  }
  EXPECT_GT(chunks.size(), 20u);
  EXPECT_GT(segments.size(), 20u);
  const std::string original = bytesOf(m_path);
  base::Rng rng(71);
  for (const Place& chunk : chunks) {
    const std::int64_t position =
        chunk.start +
        static_cast<std::int64_t>(rng.nextBelow(static_cast<std::uint64_t>(chunk.size)));
    const std::int64_t segment =
        *(std::upper_bound(segments.begin(), segments.end(), position) - 1);
    writeBytes(m_path, original);
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(m_path.c_str(), &database), SQLITE_OK);
    sqlite3_blob* blob = nullptr;
    ASSERT_EQ(sqlite3_blob_open(database, "main", "segment", "data", segment, 1, &blob), SQLITE_OK);
    const int at = static_cast<int>(position - segment);
    unsigned char byte = 0;
    ASSERT_EQ(sqlite3_blob_read(blob, &byte, 1, at), SQLITE_OK);
    byte ^= static_cast<unsigned char>(1u << rng.nextBelow(8));
    ASSERT_EQ(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    sqlite3_blob_close(blob);
    sqlite3_close(database);
    const Finding found = finding("chunk-checksums");
    EXPECT_EQ(found.count, 1) << position;
    EXPECT_THAT(found.evidence, HasSubstr("checksum"));
  }
}

TEST_F(HostileTrace, SegmentsThatAreNotInOrder) {
  const std::string original = bytesOf(m_path);
  for (const char* sql :
       {"DELETE FROM segment WHERE start>100000", "UPDATE segment SET start=start+1 WHERE start>0",
        "UPDATE segment SET data=x'' WHERE start=0", "UPDATE segment SET data=x'00'",
        "UPDATE segment SET start=-9223372036854775808 WHERE start=0; DELETE FROM segment WHERE "
        "start>0",
        "INSERT INTO segment VALUES(9223372036854775807,x'00'); UPDATE chunk SET "
        "start=9223372036854775807",
        "UPDATE chunk SET size=9223372036854775807", "UPDATE chunk SET size=-1",
        "UPDATE chunk SET start=start+1"}) {
    writeBytes(m_path, original);
    edit(m_path, sql);
    EXPECT_EQ(finding("chunk-checksums").verdict, Verdict::Bad) << sql;
    const auto reader = *(*Trace::open(m_path))->reader();
    bool damaged = false;
    for (std::int64_t s = 0; s < 5; ++s) {
      const auto info = reader->sequence(s);
      damaged = damaged || !info ||
                !reader->forEachBlock(*info, kColumns, {}, 0, 10'000,
                                      [](const RoutingBlock&) { return base::Result<void>(); });
    }
    EXPECT_TRUE(damaged) << sql;
  }
}

/// Reads everything there is: errors are fine, wrong values are not.
void expectErrorsOrTruth(const std::filesystem::path& path) {
  const auto opened = Trace::open(path);
  if (!opened)
    return;
  const auto made = (*opened)->reader();
  if (!made)
    return;
  TraceReader& reader = **made;
  const std::vector<LayerInfo>& layers = (*opened)->meta().layers;
  for (std::int64_t s = 0; s < (*opened)->sequences(); ++s) {
    const auto info = reader.sequence(s);
    if (!info)
      continue;
    const SequenceInfo expected = infoOf(s, 40);
    ASSERT_EQ(info->tokens, expected.tokens);
    ASSERT_EQ(info->text, expected.text);
    ASSERT_EQ(info->id, expected.id);
    ASSERT_EQ(info->labels, expected.labels);
    (void)reader.forEachBlock(*info, Columns::ofBlocks(), {}, 0, 100,
                              [&](const RoutingBlock& block) -> base::Result<void> {
                                for (std::int64_t r = 0; r < block.rows; ++r) {
                                  const auto ids =
                                      idsOf(layers[static_cast<std::size_t>(block.moeLayer)], s,
                                            block.moeLayer, r);
                                  const auto at = static_cast<std::size_t>(r * block.info.k);
                                  EXPECT_EQ(block.ids[at], ids[0]);
                                  EXPECT_EQ(block.weights[at], weightOf(s, block.moeLayer, r, 0));
                                }
                                return {};
                              });
  }
  (void)checkTrace(path, base::ThreadContext(1));
}

TEST_F(HostileTrace, RandomDamageNeverLies) {
  recordSmall();
  const std::string original = bytesOf(m_path);
  base::Rng rng(4);
  constexpr std::size_t kPage = 8192;
  for (int round = 0; round < 150; ++round) {
    std::string damaged = original;
    const auto page = [&] { return kPage * rng.nextBelow(damaged.size() / kPage); };
    switch (round % 5) {
    case 0: // one bit anywhere
    case 1: // one bit in the first pages: header, schema, meta data
      damaged[rng.nextBelow(round % 5 == 0 ? damaged.size() : 4 * kPage)] ^=
          static_cast<char>(1u << rng.nextBelow(8));
      break;
    case 2: { // a page of noise
      const std::size_t at = page();
      for (std::size_t i = 0; i < kPage; ++i)
        damaged[at + i] = static_cast<char>(rng.nextU32());
      break;
    }
    case 3: // a page in the place of another
      damaged.replace(page(), kPage, original.substr(page(), kPage));
      break;
    default: // cut off
      damaged.resize(rng.nextBelow(damaged.size()));
    }
    writeBytes(m_path, damaged);
    ASSERT_NO_FATAL_FAILURE(expectErrorsOrTruth(m_path)) << "round " << round;
  }
}

TEST_F(HostileTrace, CutOffAtEveryPage) {
  recordSmall();
  const std::string original = bytesOf(m_path);
  for (std::size_t size = 0; size < original.size(); size += 8192) {
    writeBytes(m_path, original.substr(0, size));
    ASSERT_NO_FATAL_FAILURE(expectErrorsOrTruth(m_path));
    const auto report = checkTrace(m_path, base::ThreadContext(1));
    EXPECT_TRUE(!report || report->verdict() == Verdict::Bad) << size;
  }
}

} // namespace
} // namespace switchyard::trace
