#include "app/jobs/experiment/store.h"

#include <array>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using trace::sql::Database;
using trace::sql::OpenMode;
using trace::sql::Statement;

constexpr std::int64_t kApplicationId = 0x53575952; // "SWYR"
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kReadSteps = 2'000'000'000; ///< of one statement of a foreign file
constexpr std::string_view kSummaryKey = "summary";

constexpr const char* kSchema =
    "CREATE TABLE experiment(id INTEGER PRIMARY KEY CHECK(id = 1), name TEXT NOT NULL, "
    "title TEXT NOT NULL, question TEXT NOT NULL, notes TEXT NOT NULL, text TEXT NOT NULL, "
    "path TEXT NOT NULL, overrides TEXT NOT NULL, command TEXT NOT NULL, program TEXT NOT NULL);"
    "CREATE TABLE plan(position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
    "name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE cell(key TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, "
    "error TEXT NOT NULL, inputs TEXT NOT NULL, outcomes TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE result(cell TEXT, position INTEGER, name TEXT NOT NULL, json TEXT NOT NULL, "
    "PRIMARY KEY(cell, position)) WITHOUT ROWID;"
    "CREATE TABLE machine_cell(key TEXT PRIMARY KEY, started TEXT NOT NULL, seconds REAL NOT NULL, "
    "tokens INTEGER NOT NULL, threads INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE machine(fact TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

Result<void> checkKind(Database& database, const std::filesystem::path& path) {
  const std::int64_t id = SY_TRY(database.integer("PRAGMA application_id"));
  const std::int64_t version = SY_TRY(database.integer("PRAGMA user_version"));
  if (id == kApplicationId && version == kVersion)
    return {};
  return fail(ErrorCode::InvalidFormat,
              id != kApplicationId
                  ? "this SQLite file holds no results of experiments; choose another name"
                  : fmt::format("these results have version {}, and this program reads {}", version,
                                kVersion),
              {.file = path.string()});
}

void bindAll(Statement& statement, std::initializer_list<std::string_view> values) {
  int parameter = 0;
  for (const std::string_view value : values)
    statement.bind(++parameter, value);
}

} // namespace

std::string_view name(CellState state) {
  switch (state) {
  case CellState::Waiting:
    return "waiting";
  case CellState::Done:
    return "done";
  case CellState::Failed:
    return "failed";
  }
  return "";
}

bool Store::isStore(const std::filesystem::path& path) {
  // The application id is at byte 68 of a database, big-endian.
  const auto file = base::ReadFile::open(path);
  std::array<std::byte, 72> head{};
  if (!file || file->size() < head.size() || !file->readAt(0, head))
    return false;
  std::int64_t id = 0;
  for (std::size_t i = 68; i < head.size(); ++i)
    id = id << 8 | std::to_integer<std::int64_t>(head[i]);
  return id == kApplicationId;
}

Result<Store> Store::create(const std::filesystem::path& path) {
  auto lock = SY_TRY(trace::LockFile::acquire(path));
  std::error_code error;
  const bool fresh =
      !std::filesystem::exists(path, error) || std::filesystem::file_size(path, error) == 0;
  Database database = SY_TRY(Database::open(path, fresh ? OpenMode::Create : OpenMode::Write));
  if (fresh) {
    // Tables and kind come in one transaction: a kill leaves an empty file or a whole one.
    SY_TRY(database.exec(fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id={}; "
                                     "PRAGMA user_version={}; COMMIT",
                                     kSchema, kApplicationId, kVersion)
                             .c_str()));
  } else {
    SY_TRY(checkKind(database, path));
  }
  SY_TRY(database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"));
  return Store(std::move(lock), std::move(database));
}

Result<Store> Store::open(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return fail(ErrorCode::NotFound, "there are no such results", {.file = path.string()});
  // Not Read: what a killed run left half written must be taken back first. Write-protected files
  // are read all the same.
  Database database = SY_TRY(Database::open(path, OpenMode::Write));
  SY_TRY(database.harden(kReadSteps));
  SY_TRY(checkKind(database, path));
  return Store(trace::LockFile(), std::move(database));
}

Result<void> Store::transaction(const std::function<Result<void>()>& body) {
  SY_TRY(m_database.exec("BEGIN IMMEDIATE"));
  if (auto done = body(); !done) {
    (void)m_database.exec("ROLLBACK");
    return done;
  }
  return m_database.exec("COMMIT");
}

Result<void> Store::begin(const Header& h,
                          const std::vector<std::pair<std::string, std::string>>& plan) {
  return transaction([&]() -> Result<void> {
    Statement put = SY_TRY(m_database.prepare(
        "INSERT OR REPLACE INTO experiment VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    const std::string notes = nlohmann::json(h.notes).dump();
    bindAll(put, {h.name, h.title, h.question, notes, h.text, h.path, h.overrides, h.command,
                  h.program});
    SY_TRY(put.run());
    SY_TRY(m_database.exec("DELETE FROM plan"));
    Statement add = SY_TRY(m_database.prepare("INSERT INTO plan VALUES(?, ?, ?)"));
    for (std::size_t i = 0; i < plan.size(); ++i) {
      add.bind(1, static_cast<std::int64_t>(i));
      add.bind(2, std::string_view(plan[i].first));
      add.bind(3, std::string_view(plan[i].second));
      SY_TRY(add.run());
    }
    return {};
  });
}

Result<Header> Store::header() {
  Statement get = SY_TRY(m_database.prepare(
      "SELECT name, title, question, notes, text, path, overrides, command, program "
      "FROM experiment"));
  if (!SY_TRY(get.step()))
    return fail(ErrorCode::Corrupt, "these results do not say what they are of");
  Header h;
  h.name = get.text(0);
  h.title = get.text(1);
  h.question = get.text(2);
  const nlohmann::json notes = SY_TRY(base::parseJson(get.text(3), {}, {}));
  for (const auto& note : notes)
    if (note.is_string())
      h.notes.push_back(note.get<std::string>());
  h.text = get.text(4);
  h.path = get.text(5);
  h.overrides = get.text(6);
  h.command = get.text(7);
  h.program = get.text(8);
  return h;
}

Result<std::vector<StoredCell>> Store::cells() {
  Statement get = SY_TRY(m_database.prepare(
      "SELECT plan.key, plan.name, coalesce(cell.state, 'waiting'), coalesce(cell.error, ''), "
      "coalesce(cell.inputs, ''), 1, plan.position AS position, m.started, m.seconds, m.tokens, "
      "m.threads FROM plan LEFT JOIN cell USING(key) LEFT JOIN machine_cell m USING(key) "
      "UNION ALL SELECT cell.key, cell.name, cell.state, cell.error, cell.inputs, 0, "
      "9223372036854775807, m.started, m.seconds, m.tokens, m.threads FROM cell "
      "LEFT JOIN machine_cell m USING(key) WHERE cell.key NOT IN (SELECT key FROM plan) "
      "ORDER BY position, 1"));
  std::vector<StoredCell> cells;
  while (SY_TRY(get.step())) {
    StoredCell cell;
    cell.key = get.text(0);
    cell.name = get.text(1);
    cell.state = get.text(2) == "done"     ? CellState::Done
                 : get.text(2) == "failed" ? CellState::Failed
                                           : CellState::Waiting;
    cell.error = get.text(3);
    cell.inputs = get.text(4);
    cell.planned = get.integer(5) == 1;
    if (!get.isNull(7))
      cell.machine = {std::string(get.text(7)), get.real(8), get.integer(9),
                      static_cast<int>(get.integer(10))};
    cells.push_back(std::move(cell));
  }
  return cells;
}

Result<void> Store::put(const std::string& key, const std::string& inputs, CellState state,
                        const std::string& error, const std::string& outcomes) {
  Statement clear = SY_TRY(m_database.prepare("DELETE FROM cell WHERE key=? AND state='failed'"));
  clear.bind(1, std::string_view(key));
  SY_TRY(clear.run());
  Statement add = SY_TRY(m_database.prepare(
      "INSERT INTO cell VALUES(?1, coalesce((SELECT name FROM plan WHERE key=?1), ''), ?2, ?3, ?4, "
      "?5)"));
  bindAll(add, {key, name(state), error, inputs, outcomes});
  return add.run();
}

Result<void> Store::putResults(const std::string& key, const std::vector<NamedResult>& results) {
  Statement add = SY_TRY(m_database.prepare("INSERT INTO result VALUES(?, ?, ?, ?)"));
  for (std::size_t i = 0; i < results.size(); ++i) {
    add.bind(1, std::string_view(key));
    add.bind(2, static_cast<std::int64_t>(i));
    add.bind(3, std::string_view(results[i].name));
    add.bind(4, std::string_view(results[i].json));
    SY_TRY(add.run());
  }
  return {};
}

Result<void> Store::commit(const std::string& key, const std::string& inputs,
                           const CellResult& result) {
  return transaction([&]() -> Result<void> {
    SY_TRY(put(key, inputs, CellState::Done, "", result.outcomes));
    SY_TRY(putResults(key, result.results));
    Statement machine =
        SY_TRY(m_database.prepare("INSERT OR REPLACE INTO machine_cell VALUES(?, ?, ?, ?, ?)"));
    bindAll(machine, {key, result.machine.started});
    machine.bind(3, result.machine.seconds);
    machine.bind(4, result.machine.tokens);
    machine.bind(5, static_cast<std::int64_t>(result.machine.threads));
    return machine.run();
  });
}

Result<void> Store::commitFailure(const std::string& key, const std::string& inputs,
                                  const std::string& error) {
  return transaction([&] { return put(key, inputs, CellState::Failed, error, ""); });
}

Result<std::vector<NamedResult>> Store::resultsOf(const std::string& key) {
  Statement get =
      SY_TRY(m_database.prepare("SELECT name, json FROM result WHERE cell=? ORDER BY position"));
  get.bind(1, std::string_view(key));
  std::vector<NamedResult> results;
  while (SY_TRY(get.step()))
    results.push_back({std::string(get.text(0)), std::string(get.text(1))});
  return results;
}

Result<std::vector<NamedResult>> Store::results(const std::string& key) {
  return resultsOf(key);
}

Result<std::string> Store::outcomes(const std::string& key) {
  Statement get = SY_TRY(m_database.prepare("SELECT outcomes FROM cell WHERE key=?"));
  get.bind(1, std::string_view(key));
  return SY_TRY(get.step()) ? std::string(get.text(0)) : std::string();
}

Result<void> Store::setSummary(const std::vector<NamedResult>& results) {
  return transaction([&]() -> Result<void> {
    Statement clear = SY_TRY(m_database.prepare("DELETE FROM result WHERE cell=?"));
    clear.bind(1, kSummaryKey);
    SY_TRY(clear.run());
    return putResults(std::string(kSummaryKey), results);
  });
}

Result<std::vector<NamedResult>> Store::summary() {
  return resultsOf(std::string(kSummaryKey));
}

Result<void> Store::setMachine(const std::map<std::string, std::string>& facts) {
  return transaction([&]() -> Result<void> {
    SY_TRY(m_database.exec("DELETE FROM machine"));
    Statement add = SY_TRY(m_database.prepare("INSERT INTO machine VALUES(?, ?)"));
    for (const auto& [fact, value] : facts) {
      bindAll(add, {fact, value});
      SY_TRY(add.run());
    }
    return {};
  });
}

Result<std::map<std::string, std::string>> Store::machine() {
  Statement get = SY_TRY(m_database.prepare("SELECT fact, value FROM machine"));
  std::map<std::string, std::string> facts;
  while (SY_TRY(get.step()))
    facts.emplace(get.text(0), get.text(1));
  return facts;
}

Result<void> Store::close() {
  return m_database.exec("PRAGMA journal_mode=DELETE");
}

} // namespace switchyard::jobs::experiment
