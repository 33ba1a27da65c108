#include "core/trace/sqlite.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace switchyard::trace::sql {
namespace {

using base::ErrorCode;

constexpr int kFuseInterval = 4096;
constexpr int kMaxValueBytes = 192 << 20;

ErrorCode codeOf(int primary) {
  switch (primary) {
  case SQLITE_CORRUPT:
    return ErrorCode::Corrupt;
  case SQLITE_NOTADB:
    return ErrorCode::InvalidFormat;
  case SQLITE_TOOBIG:
  case SQLITE_NOMEM:
  case SQLITE_INTERRUPT:
    return ErrorCode::LimitExceeded;
  case SQLITE_ERROR:
    return ErrorCode::InvalidFormat;
  case SQLITE_MISUSE:
    return ErrorCode::Internal;
  default:
    return ErrorCode::Io;
  }
}

std::string explain(int primary, sqlite3* connection) {
  switch (primary) {
  case SQLITE_FULL:
    return "the disk is full; free some space and resume";
  case SQLITE_IOERR: {
    const int system = sqlite3_system_errno(connection);
    return fmt::format("the system refused to read or write{}{}", system != 0 ? ": " : "",
                       system != 0 ? std::strerror(system) : "");
  }
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return "the file is in use by another process";
  case SQLITE_CANTOPEN:
    return "cannot open the file or its -wal; check permissions of the file and its folder";
  case SQLITE_READONLY:
    return "the file or its folder is read-only";
  case SQLITE_CORRUPT:
    return "the database is damaged";
  case SQLITE_NOTADB:
    return "not an SQLite database";
  case SQLITE_INTERRUPT:
    return "reading took far more steps than a sound file needs";
  default:
    return sqlite3_errmsg(connection);
  }
}

tl::unexpected<base::Error> failure(sqlite3* connection) {
  const int primary = sqlite3_errcode(connection) & 0xff;
  const char* name = sqlite3_db_filename(connection, "main");
  return base::fail(codeOf(primary), explain(primary, connection),
                    {.file = name != nullptr ? name : ""});
}

std::string immutableUri(const std::filesystem::path& path) {
  std::string uri = "file://";
  for (const char c : std::filesystem::absolute(path).string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain)
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

int flagsOf(OpenMode mode) {
  switch (mode) {
  case OpenMode::Read:
    return SQLITE_OPEN_READONLY;
  case OpenMode::ReadImmutable:
    return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  case OpenMode::Write:
    return SQLITE_OPEN_READWRITE;
  case OpenMode::Create:
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

} // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(m_statement.get(), parameter, value);
}

void Statement::bind(int parameter, double value) {
  sqlite3_bind_double(m_statement.get(), parameter, value);
}

void Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(m_statement.get(), parameter, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int parameter, std::span<const std::byte> blob) {
  if (blob.empty())
    sqlite3_bind_zeroblob(m_statement.get(), parameter, 0);
  else
    sqlite3_bind_blob64(m_statement.get(), parameter, blob.data(), blob.size(), SQLITE_STATIC);
}

base::Result<bool> Statement::step() {
  const int code = sqlite3_step(m_statement.get());
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  auto error = failure(sqlite3_db_handle(m_statement.get()));
  sqlite3_reset(m_statement.get());
  return error;
}

base::Result<void> Statement::run() {
  SY_TRY(step());
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(m_statement.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(m_statement.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(m_statement.get(), column);
}

bool Statement::isNull(int column) const {
  return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
  return data == nullptr
             ? std::string_view()
             : std::string_view(
                   data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(m_statement.get(), column));
  return data == nullptr
             ? std::span<const std::byte>()
             : std::span(data,
                         static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

base::Result<Database> Database::open(const std::filesystem::path& path, OpenMode mode) {
  const std::string name = mode == OpenMode::ReadImmutable
                               ? immutableUri(path)
                               : std::filesystem::absolute(path).string();
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &raw, flagsOf(mode) | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database;
  database.m_connection.reset(raw);
  if (raw == nullptr)
    return base::fail(ErrorCode::LimitExceeded, "not enough memory to open it",
                      {.file = path.string()});
  sqlite3_extended_result_codes(raw, 1);
  if (code != SQLITE_OK)
    return base::fail(codeOf(code & 0xff), explain(code & 0xff, raw), {.file = path.string()});
  sqlite3_busy_timeout(raw, 2000);
  return database;
}

base::Result<void> Database::exec(const char* sql) {
  if (sqlite3_exec(m_connection.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(m_connection.get());
  return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(m_connection.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return failure(m_connection.get());
  return Statement(statement);
}

base::Result<std::string> Database::value(std::string_view sql) {
  Statement statement = SY_TRY(prepare(sql));
  if (!SY_TRY(statement.step()))
    return base::fail(ErrorCode::Corrupt, "a value that every trace has is missing",
                      {.file = sqlite3_db_filename(m_connection.get(), "main")});
  return std::string(statement.text(0));
}

base::Result<std::int64_t> Database::integer(std::string_view sql) {
  Statement statement = SY_TRY(prepare(sql));
  return SY_TRY(statement.step()) ? statement.integer(0) : 0;
}

base::Result<void> Database::readFile(std::uint64_t offset, std::span<std::byte> out) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(m_connection.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr)
    return base::fail(ErrorCode::Io, "cannot read the file");
  const int code = file->pMethods->xRead(file, out.data(), static_cast<int>(out.size()),
                                         static_cast<sqlite3_int64>(offset));
  if (code == SQLITE_IOERR_SHORT_READ)
    return base::fail(ErrorCode::InvalidFormat, "the file is too short to be a trace",
                      {.file = sqlite3_db_filename(m_connection.get(), "main")});
  if (code != SQLITE_OK)
    return base::fail(ErrorCode::Io, "the system refused to read the file",
                      {.file = sqlite3_db_filename(m_connection.get(), "main")});
  return {};
}

base::Result<void> Database::harden(std::int64_t operations) {
  sqlite3* c = m_connection.get();
  sqlite3_db_config(c, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(c, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(c, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  sqlite3_limit(c, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
  sqlite3_limit(c, SQLITE_LIMIT_COLUMN, 32);
  sqlite3_limit(c, SQLITE_LIMIT_VDBE_OP, 10'000);
  sqlite3_limit(c, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(c, SQLITE_LIMIT_EXPR_DEPTH, 20);
  setFuse(operations);
  return exec("PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA cache_size=-2048");
}

void Database::setFuse(std::int64_t operations, std::function<bool()> stop) {
  if (m_fuse == nullptr) {
    m_fuse = std::make_unique<Fuse>();
    sqlite3_progress_handler(
        m_connection.get(), kFuseInterval,
        [](void* context) {
          auto* fuse = static_cast<Fuse*>(context);
          fuse->left -= kFuseInterval;
          return fuse->left < 0 || (fuse->stop && fuse->stop()) ? 1 : 0;
        },
        m_fuse.get());
  }
  m_fuse->left = operations;
  m_fuse->stop = std::move(stop);
}

void Database::keepWalOnClose() {
  sqlite3_db_config(m_connection.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

} // namespace switchyard::trace::sql
