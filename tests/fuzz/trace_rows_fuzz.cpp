// What a trace says behind its checksums, which anyone can compute. Input: lines of fields with a
// tab between them, from which a database with right checksums is made:
//   meta <key> <value>
//   sequence <index> <prompt length> <tokens> <rows> <text bytes> <labels> <id>
//   chunk <key> <rows> <codec> <data in hexadecimal>
//   place <key> <start> <size>             where a chunk is said to lie, instead
//   segment <start> <data in hexadecimal>  one more segment

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/trace/chunk_store.h"
#include "core/trace/store.h"
#include "tests/fuzz/trace_input.h"

using namespace switchyard;

namespace {

struct Rows {
  trace::MetaRows meta;
  std::vector<trace::SequenceRow> sequences;
  struct Chunk {
    std::int64_t key = 0;
    std::int64_t rows = 0;
    trace::Codec codec = trace::Codec::Plain;
    std::vector<std::byte> data;
  };
  std::vector<Chunk> chunks;
  struct Place {
    std::int64_t key = 0, start = 0, size = 0;
  };
  std::vector<Place> places;
  struct Segment {
    std::int64_t start = 0;
    std::vector<std::byte> data;
  };
  std::vector<Segment> segments;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + 1);
  }
}

/// What stands at `index`; 0 if that is no number.
std::int64_t number(const std::vector<std::string_view>& fields, std::size_t index) {
  std::int64_t value = 0;
  if (index < fields.size())
    std::from_chars(fields[index].data(), fields[index].data() + fields[index].size(), value);
  return value;
}

std::string text(const std::vector<std::string_view>& fields, std::size_t index) {
  return index < fields.size() ? std::string(fields[index]) : std::string();
}

std::vector<std::byte> bytes(std::string_view hex) {
  std::vector<std::byte> data;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    data.push_back(static_cast<std::byte>(value));
  }
  return data;
}

Rows parse(std::string_view input) {
  Rows rows;
  for (const std::string_view line : split(input, '\n')) {
    const std::vector<std::string_view> fields = split(line, '\t');
    if (fields[0] == "meta") {
      rows.meta[text(fields, 1)] = text(fields, 2);
    } else if (fields[0] == "sequence") {
      trace::SequenceRow row;
      row.info.index = number(fields, 1);
      row.info.promptLength = number(fields, 2);
      row.tokens = number(fields, 3);
      row.rows = number(fields, 4);
      row.textBytes = number(fields, 5);
      row.labelsJson = text(fields, 6);
      row.info.id = text(fields, 7);
      rows.sequences.push_back(std::move(row));
    } else if (fields[0] == "chunk") {
      rows.chunks.push_back({number(fields, 1), number(fields, 2),
                             static_cast<trace::Codec>(number(fields, 3)), bytes(text(fields, 4))});
    }
  }
  trace::setProgress(rows.meta, number({rows.meta["sequences"]}, 0),
                     number({rows.meta["tokens"]}, 0), rows.meta["complete"] != "false");
  return rows;
}

/// What no writer of ours does, but anyone can.
base::Result<void> misplace(trace::sql::Database& database, const Rows& rows) {
  trace::sql::Statement move =
      SY_TRY(database.prepare("UPDATE chunk SET start=?, size=? WHERE key=?"));
  for (const Rows::Place& place : rows.places) {
    move.bind(1, place.start);
    move.bind(2, place.size);
    move.bind(3, place.key);
    SY_TRY(move.run());
  }
  trace::sql::Statement insert =
      SY_TRY(database.prepare("INSERT OR REPLACE INTO segment VALUES(?,?)"));
  for (const Rows::Segment& segment : rows.segments) {
    insert.bind(1, segment.start);
    insert.bind(2, segment.data);
    SY_TRY(insert.run());
  }
  return {};
}

base::Result<void> store(const Rows& rows, const std::filesystem::path& path) {
  std::filesystem::remove(path);
  trace::sql::Database database = SY_TRY(trace::createStore(path, rows.meta));
  const auto seedText = rows.meta.find("hash_seed");
  std::uint64_t seed = 0;
  if (seedText != rows.meta.end())
    std::from_chars(seedText->second.data(), seedText->second.data() + seedText->second.size(),
                    seed);
  SY_TRY(database.exec("BEGIN"));
  // A key that comes twice is refused by the database: the first row stays.
  trace::sql::Statement sequence = SY_TRY(database.prepare(trace::kInsertSequence));
  for (const trace::SequenceRow& row : rows.sequences) {
    trace::bindSequence(sequence, row, seed);
    (void)sequence.run();
    sequence.reset();
  }
  trace::ChunkSink sink = SY_TRY(trace::ChunkSink::create(database, seed));
  for (const Rows::Chunk& row : rows.chunks)
    (void)sink.add(row.key, {.codec = row.codec, .rows = row.rows, .data = row.data});
  SY_TRY(sink.flush());
  SY_TRY(misplace(database, rows));
  return database.exec("COMMIT");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Rows rows = parse({reinterpret_cast<const char*>(data), size});
  if (store(rows, tests::traceInputPath()))
    tests::readWholeTrace(tests::traceInputPath());
  return 0;
}
