#include "core/trace/store.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/json.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::int64_t kOpenFuse = 50'000'000;
constexpr std::size_t kMaxMetaBytes = 64u << 20;
constexpr base::JsonLimits kLabelLimits{.maxBytes = 1u << 20, .maxDepth = 2};

constexpr TableDefinition kSchema[] = {
    {"chunk", "CREATE TABLE chunk(key INTEGER PRIMARY KEY, rows INTEGER NOT NULL, codec INTEGER "
              "NOT NULL, hash INTEGER NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL)"},
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"},
    {"segment", "CREATE TABLE segment(start INTEGER PRIMARY KEY, data BLOB NOT NULL)"},
    {"sequence",
     "CREATE TABLE sequence(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, "
     "labels TEXT NOT NULL, prompt_length INTEGER NOT NULL, tokens INTEGER NOT NULL, rows INTEGER "
     "NOT NULL, text_bytes INTEGER NOT NULL, hash INTEGER NOT NULL)"},
};

struct Header {
  bool magic = false;
  std::uint32_t applicationId = 0;
  std::uint32_t userVersion = 0;
  bool wal = false;
};

std::uint32_t bigEndian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte b : bytes.first(4))
    value = value << 8 | static_cast<std::uint32_t>(b);
  return value;
}

base::Result<Header> readHeader(sql::Database& database) {
  std::array<std::byte, kHeaderBytes> bytes{};
  SY_TRY(database.readFile(0, bytes));
  const std::span<const std::byte> view(bytes);
  return Header{.magic = std::equal(kMagic.begin(), kMagic.end(),
                                    reinterpret_cast<const char*>(bytes.data())),
                .applicationId = bigEndian(view.subspan(68)),
                .userVersion = bigEndian(view.subspan(60)),
                .wal = bytes[18] != std::byte{1} || bytes[19] != std::byte{1}};
}

base::Result<void> mustBeFile(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return base::fail(ErrorCode::NotFound, "there is no such file", {.file = path.string()});
  if (error)
    return base::fail(ErrorCode::Io, error.message(), {.file = path.string()});
  if (status.type() != fs::file_type::regular)
    return base::fail(ErrorCode::InvalidFormat, "a trace is a regular file, this is none",
                      {.file = path.string()});
  return {};
}

bool folderIsWritable(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return ::access(folder.c_str(), W_OK) == 0;
}

base::Result<void> checkSchema(sql::Database& database, bool newer, const fs::path& path) {
  sql::Statement rows =
      SY_TRY(database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name"));
  std::size_t matched = 0;
  while (SY_TRY(rows.step())) {
    if (matched < std::size(kSchema) && rows.text(0) == kSchema[matched].name &&
        (newer || rows.text(1) == kSchema[matched].sql))
      ++matched;
    else if (!newer)
      return base::fail(ErrorCode::InvalidFormat,
                        fmt::format("the database holds '{}', which no trace has", rows.text(0)),
                        {.file = path.string()});
  }
  if (matched != std::size(kSchema))
    return base::fail(ErrorCode::InvalidFormat,
                      fmt::format("the table '{}' of a trace is missing", kSchema[matched].name),
                      {.file = path.string()});
  return {};
}

base::Result<OpenedStore> openAs(const fs::path& path, sql::OpenMode mode, bool newer) {
  OpenedStore store;
  store.database = SY_TRY(sql::Database::open(path, mode));
  store.mode = mode;
  store.newer = newer;
  SY_TRY(store.database.harden(kOpenFuse));
  SY_TRY(checkSchema(store.database, newer, path));
  const MetaRows rows = SY_TRY(readMetaRows(store.database));
  store.content = SY_TRY(fromRows(rows));
  store.digest = rows.at("digest");
  return store;
}

base::Result<OpenedStore> openChecked(const fs::path& path) {
  SY_TRY(mustBeFile(path));
  Header header;
  {
    sql::Database peek = SY_TRY(sql::Database::open(path, sql::OpenMode::Read));
    header = SY_TRY(readHeader(peek));
  }
  if (!header.magic || header.applicationId != kApplicationId)
    return base::fail(ErrorCode::InvalidFormat, "this is not a Switchyard trace");
  if (header.userVersion < kUserVersion)
    return base::fail(ErrorCode::InvalidFormat,
                      fmt::format("trace schema version {} does not exist", header.userVersion));
  const bool newer = header.userVersion > kUserVersion;
  fs::path wal = path;
  wal += "-wal";
  std::error_code ignored;
  const bool plain = !header.wal || (!fs::exists(wal, ignored) && !folderIsWritable(path));
  OpenedStore store =
      SY_TRY(openAs(path, plain ? sql::OpenMode::ReadImmutable : sql::OpenMode::Read, newer));
  // Only a complete trace is certain not to change while it is read.
  if (plain && !store.content.complete && folderIsWritable(path))
    return openAs(path, sql::OpenMode::Read, newer);
  return store;
}

} // namespace

std::span<const TableDefinition> schema() {
  return kSchema;
}

base::Result<sql::Database> createStore(const fs::path& path, const MetaRows& rows) {
  sql::Database database = SY_TRY(sql::Database::open(path, sql::OpenMode::Create));
  SY_TRY(database.exec("PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                       "PRAGMA cache_size=-8192; PRAGMA secure_delete=ON"));
  SY_TRY(database.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; BEGIN",
                                   kApplicationId, kUserVersion)
                           .c_str()));
  for (const TableDefinition& table : kSchema)
    SY_TRY(database.exec(std::string(table.sql).c_str()));
  sql::Statement insert = SY_TRY(database.prepare("INSERT INTO meta VALUES(?,?)"));
  for (const auto& [key, value] : rows) {
    insert.bind(1, key);
    insert.bind(2, value);
    SY_TRY(insert.run());
  }
  SY_TRY(database.exec("COMMIT"));
  return database;
}

base::Result<OpenedStore> openStore(const fs::path& path) {
  auto store = openChecked(path);
  if (!store && store.error().where.file.empty())
    store.error().where.file = path.string();
  return store;
}

base::Result<bool> looksLikeTrace(const fs::path& path) {
  SY_TRY(mustBeFile(path));
  sql::Database peek = SY_TRY(sql::Database::open(path, sql::OpenMode::Read));
  const auto header = readHeader(peek);
  if (!header && header.error().code != ErrorCode::InvalidFormat)
    return tl::unexpected(header.error());
  return header && header->magic && header->applicationId == kApplicationId;
}

base::Result<MetaRows> readMetaRows(sql::Database& database) {
  sql::Statement select = SY_TRY(database.prepare("SELECT key, value FROM meta ORDER BY key"));
  MetaRows rows;
  std::size_t bytes = 0;
  while (SY_TRY(select.step())) {
    bytes += select.text(0).size() + select.text(1).size();
    if (bytes > kMaxMetaBytes)
      return base::fail(ErrorCode::LimitExceeded, "the trace's meta data are larger than 64 MiB");
    rows.emplace(select.text(0), select.text(1));
  }
  return rows;
}

std::optional<std::string> labelsToJson(const std::map<std::string, std::string>& labels) {
  try {
    std::string json = nlohmann::json(labels).dump();
    if (json.size() > kLabelLimits.maxBytes)
      return std::nullopt;
    return json;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

namespace {

std::uint64_t hashOf(const SequenceRow& row, std::uint64_t seed) {
  return Hasher(seed)
      .integer(row.info.index)
      .integer(row.info.promptLength)
      .integer(row.tokens)
      .integer(row.rows)
      .integer(row.textBytes)
      .text(row.info.id)
      .text(row.info.source)
      .text(row.labelsJson)
      .digest();
}

} // namespace

base::Result<SequenceRow> readSequence(const sql::Statement& statement, std::uint64_t seed) {
  SequenceRow row;
  row.info.index = statement.integer(0);
  row.info.id = statement.text(1);
  row.info.source = statement.text(2);
  row.labelsJson = statement.text(3);
  row.info.promptLength = statement.integer(4);
  row.tokens = statement.integer(5);
  row.rows = statement.integer(6);
  row.textBytes = statement.integer(7);
  const auto corrupt = [&](std::string_view why) {
    return base::fail(ErrorCode::Corrupt, fmt::format("sequence {}: {}", row.info.index, why));
  };
  if (hashOf(row, seed) != static_cast<std::uint64_t>(statement.integer(8)))
    return corrupt("its row fails its checksum");
  if (row.tokens < 0 || row.rows < 0 || row.rows > row.tokens || row.textBytes < 0 ||
      row.info.promptLength < 0 || row.info.promptLength > row.tokens)
    return corrupt("its lengths contradict each other");
  const auto labels = base::parseJson(row.labelsJson, kLabelLimits, {});
  if (!labels || !labels->is_object())
    return corrupt("its labels are not a JSON object");
  for (const auto& [key, value] : labels->items()) {
    if (!value.is_string())
      return corrupt("a label is not a text");
    row.info.labels.emplace(key, value.get<std::string>());
  }
  return row;
}

void bindSequence(sql::Statement& statement, const SequenceRow& row, std::uint64_t seed) {
  statement.bind(1, row.info.index);
  statement.bind(2, row.info.id);
  statement.bind(3, row.info.source);
  statement.bind(4, row.labelsJson);
  statement.bind(5, row.info.promptLength);
  statement.bind(6, row.tokens);
  statement.bind(7, row.rows);
  statement.bind(8, row.textBytes);
  statement.bind(9, static_cast<std::int64_t>(hashOf(row, seed)));
}

std::int64_t rowsOf(const SequenceRow& row, ChunkKind kind) {
  if (kind == ChunkKind::Text)
    return row.textBytes;
  if (kind == ChunkKind::Figures || kind == ChunkKind::Distributions)
    return row.tokens - row.info.promptLength;
  return kind == ChunkKind::Tokens ? row.tokens : row.rows;
}

} // namespace switchyard::trace
