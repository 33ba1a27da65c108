#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/trace/lock_file.h"
#include "core/trace/sqlite.h"

namespace switchyard::jobs::experiment {

/// A result as JSON (analyzers/report/json.h), by the name of what made it.
struct NamedResult {
  std::string name;
  std::string json;
};

/// Of this machine and moment; in tables of its own, never compared.
struct CellMachine {
  std::string started; ///< RFC 3339, UTC
  double seconds = 0;
  std::int64_t tokens = 0; ///< run by the call that finished the cell
  int threads = 0;
};

/// What a cell gave. Everything but `machine` depends on the cell's inputs only.
struct CellResult {
  std::vector<NamedResult> results;
  std::string outcomes; ///< JSON of an evaluation's answers (see outcomes.h); else empty
  CellMachine machine;
};

/// What the results are of.
struct Header {
  std::string name, title, question;
  std::vector<std::string> notes;
  std::string text;      ///< the experiment's JSON
  std::string path;      ///< of its file, as given
  std::string overrides; ///< JSON: {"models": [[NAME, PATH], ...], ...}
  std::string command;   ///< that makes these results again
  std::string program;   ///< "switchyard 0.1.0"
};

enum class CellState : std::uint8_t { Waiting, Done, Failed };
std::string_view name(CellState state); ///< "waiting"

/// A cell of the plan, or one that an earlier version of the experiment had.
struct StoredCell {
  std::string key, name;
  CellState state = CellState::Waiting;
  std::string error;  ///< of a failed one
  std::string inputs; ///< JSON; empty while waiting
  bool planned = true;
  CellMachine machine;
};

/// Results of one experiment in one SQLite file. Each cell is one transaction. One process writes
/// at a time; others may read meanwhile. Used by one thread at a time.
class Store {
public:
  /// Makes the file if there is none. Errors: InvalidArgument (another process writes it), Io,
  /// Corrupt, InvalidFormat for another file or a later version.
  static base::Result<Store> create(const std::filesystem::path& path);
  /// For reading. Errors: as above, NotFound.
  static base::Result<Store> open(const std::filesystem::path& path);
  /// Whether a file is one, by its first bytes.
  static bool isStore(const std::filesystem::path& path);

  /// Notes the experiment and the cells of its plan (key, name), in order.
  base::Result<void> begin(const Header& header,
                           const std::vector<std::pair<std::string, std::string>>& plan);
  base::Result<Header> header();
  /// Cells of the plan in its order, then those it does not have (by key).
  base::Result<std::vector<StoredCell>> cells();

  /// Keeps a cell; a failure that was there is replaced. Errors: the database's, also for a cell
  /// that is done already.
  base::Result<void> commit(const std::string& key, const std::string& inputs,
                            const CellResult& result);
  base::Result<void> commitFailure(const std::string& key, const std::string& inputs,
                                   const std::string& error);

  base::Result<std::vector<NamedResult>> results(const std::string& key);
  base::Result<std::string> outcomes(const std::string& key);

  /// What is said of the grid as a whole.
  base::Result<void> setSummary(const std::vector<NamedResult>& results);
  base::Result<std::vector<NamedResult>> summary();

  /// Facts of the machine, never compared.
  base::Result<void> setMachine(const std::map<std::string, std::string>& facts);
  base::Result<std::map<std::string, std::string>> machine();

  /// Leaves one plain file, no -wal beside it.
  base::Result<void> close();

private:
  Store(trace::LockFile lock, trace::sql::Database database)
      : m_lock(std::move(lock)), m_database(std::move(database)) {}
  base::Result<void> transaction(const std::function<base::Result<void>()>& body);
  base::Result<void> put(const std::string& key, const std::string& inputs, CellState state,
                         const std::string& error, const std::string& outcomes);
  base::Result<std::vector<NamedResult>> resultsOf(const std::string& key);
  base::Result<void> putResults(const std::string& key, const std::vector<NamedResult>& results);

  trace::LockFile m_lock; ///< outlives the database
  trace::sql::Database m_database;
};

} // namespace switchyard::jobs::experiment
