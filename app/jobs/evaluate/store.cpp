#include "app/jobs/evaluate/store.h"

#include <system_error>

#include <fmt/format.h>

namespace switchyard::jobs::evaluate {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using trace::sql::Database;
using trace::sql::OpenMode;
using trace::sql::Statement;

constexpr std::int64_t kApplicationId = 0x53575945; // "SWYE"
constexpr std::int64_t kVersion = 1;

constexpr const char* kSchema =
    "CREATE TABLE run(id INTEGER PRIMARY KEY, model TEXT NOT NULL, tasks TEXT NOT NULL, "
    "settings TEXT NOT NULL, UNIQUE(model, tasks, settings));"
    "CREATE TABLE variant(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);"
    "CREATE TABLE outcome(run INTEGER, variant INTEGER, item INTEGER, repeat INTEGER, "
    "score REAL NOT NULL, length_score REAL, prompt_tokens INTEGER NOT NULL, "
    "tokens INTEGER NOT NULL, thinking INTEGER, stop TEXT NOT NULL, text TEXT NOT NULL, "
    "seconds REAL NOT NULL, PRIMARY KEY(run, variant, item, repeat)) WITHOUT ROWID;"
    "CREATE TABLE look(model TEXT, file TEXT, signature TEXT, number INTEGER NOT NULL, "
    "variants INTEGER NOT NULL, PRIMARY KEY(model, file, signature)) WITHOUT ROWID;";

/// The id of the row that equals `values`, which is inserted if it is not there.
Result<std::int64_t> idOf(Database& database, const char* select, const char* insert,
                          std::initializer_list<const std::string*> values) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    Statement find = SY_TRY(database.prepare(select));
    Statement add = SY_TRY(database.prepare(insert));
    int parameter = 0;
    for (const std::string* value : values) {
      ++parameter;
      find.bind(parameter, std::string_view(*value));
      add.bind(parameter, std::string_view(*value));
    }
    if (SY_TRY(find.step()))
      return find.integer(0);
    SY_TRY(add.run());
  }
  return fail(ErrorCode::Internal, "a row that was inserted is not there");
}

} // namespace

Result<Store> Store::open(const std::filesystem::path& path) {
  std::error_code error;
  const bool fresh =
      !std::filesystem::exists(path, error) || std::filesystem::file_size(path, error) == 0;
  Database database = SY_TRY(Database::open(path, fresh ? OpenMode::Create : OpenMode::Write));
  // WAL survives a kill; the exclusive lock keeps a second process from doing the same work.
  SY_TRY(database.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; "
                       "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE"));
  const std::int64_t tables = SY_TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) {
    SY_TRY(database.exec(kSchema));
    SY_TRY(database.exec(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kVersion)
            .c_str()));
  } else {
    const std::int64_t id = SY_TRY(database.integer("PRAGMA application_id"));
    const std::int64_t version = SY_TRY(database.integer("PRAGMA user_version"));
    if (id != kApplicationId || version != kVersion)
      return fail(ErrorCode::InvalidFormat,
                  id != kApplicationId
                      ? "this SQLite file is no store of evaluations; choose another name"
                      : fmt::format("this store has version {}, and this program reads {}", version,
                                    kVersion),
                  {.file = path.string()});
  }
  SY_TRY(database.exec("COMMIT"));
  return Store(std::move(database));
}

Result<void> Store::select(const RunIdentity& identity) {
  m_identity = identity;
  m_run = SY_TRY(idOf(m_database, "SELECT id FROM run WHERE model=? AND tasks=? AND settings=?",
                      "INSERT INTO run(model, tasks, settings) VALUES(?,?,?)",
                      {&identity.model, &identity.tasks, &identity.settings}));
  return {};
}

Result<std::int64_t> Store::variant(const std::string& key) {
  return idOf(m_database, "SELECT id FROM variant WHERE key=?",
              "INSERT INTO variant(key) VALUES(?)", {&key});
}

Result<Outcomes> Store::outcomes() {
  Statement statement = SY_TRY(m_database.prepare(
      "SELECT variant, item, repeat, score, length_score, prompt_tokens, tokens, thinking, stop, "
      "text, seconds FROM outcome WHERE run=? ORDER BY variant, item, repeat"));
  statement.bind(1, m_run);
  Outcomes outcomes;
  while (SY_TRY(statement.step())) {
    const OutcomeKey key{statement.integer(0), statement.integer(1), statement.integer(2)};
    Outcome outcome;
    outcome.score = statement.real(3);
    if (!statement.isNull(4))
      outcome.lengthScore = statement.real(4);
    outcome.promptTokens = statement.integer(5);
    outcome.tokens = statement.integer(6);
    if (!statement.isNull(7))
      outcome.thinking = statement.integer(7);
    outcome.stop = statement.text(8);
    outcome.text = statement.text(9);
    outcome.seconds = statement.real(10);
    outcomes.emplace(key, std::move(outcome));
  }
  return outcomes;
}

Result<void> Store::add(const OutcomeKey& key, const Outcome& outcome) {
  Statement statement =
      SY_TRY(m_database.prepare("INSERT INTO outcome VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  statement.bind(1, m_run);
  statement.bind(2, key.variant);
  statement.bind(3, key.item);
  statement.bind(4, key.repeat);
  statement.bind(5, outcome.score);
  if (outcome.lengthScore)
    statement.bind(6, *outcome.lengthScore);
  statement.bind(7, outcome.promptTokens);
  statement.bind(8, outcome.tokens);
  if (outcome.thinking)
    statement.bind(9, *outcome.thinking);
  statement.bind(10, std::string_view(outcome.stop));
  statement.bind(11, std::string_view(outcome.text));
  statement.bind(12, outcome.seconds);
  return statement.run();
}

Result<Look> Store::look(const std::string& signature, std::int64_t variants) {
  SY_TRY(m_database.exec("BEGIN IMMEDIATE"));
  Statement count =
      SY_TRY(m_database.prepare("SELECT count(*), max(number) FROM look WHERE model=? AND file=?"));
  count.bind(1, std::string_view(m_identity.model));
  count.bind(2, std::string_view(m_identity.file));
  SY_TRY(count.step());
  Statement insert = SY_TRY(m_database.prepare("INSERT OR IGNORE INTO look VALUES(?,?,?,?,?)"));
  insert.bind(1, std::string_view(m_identity.model));
  insert.bind(2, std::string_view(m_identity.file));
  insert.bind(3, std::string_view(signature));
  insert.bind(4, count.integer(1) + 1);
  insert.bind(5, variants);
  SY_TRY(insert.run());
  Statement own = SY_TRY(m_database.prepare(
      "SELECT number, (SELECT coalesce(sum(variants), 0) FROM look AS earlier WHERE "
      "earlier.model=look.model AND earlier.file=look.file AND earlier.number<look.number) "
      "FROM look WHERE model=? AND file=? AND signature=?"));
  own.bind(1, std::string_view(m_identity.model));
  own.bind(2, std::string_view(m_identity.file));
  own.bind(3, std::string_view(signature));
  Look look;
  if (SY_TRY(own.step()))
    look = {own.integer(0), own.integer(1)};
  own.reset();
  count.reset();
  SY_TRY(m_database.exec("COMMIT"));
  return look;
}

} // namespace switchyard::jobs::evaluate
