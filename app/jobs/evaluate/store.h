#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/evaluate/outcome.h"
#include "core/base/error.h"
#include "core/trace/sqlite.h"

namespace switchyard::jobs::evaluate {

/// What outcomes depend on besides variant, item and repeat.
struct RunIdentity {
  std::string model;    ///< fingerprint
  std::string tasks;    ///< fingerprint
  std::string settings; ///< JSON: sampling, lengths
  std::string file;     ///< fingerprint of the task file, of which looks are counted
};

/// How often a task file was looked at.
struct Look {
  std::int64_t number = 1;          ///< this evaluation among all of this model and task file
  std::int64_t earlierVariants = 0; ///< variants held against the base in those before
};

/// One SQLite file with outcomes of any number of evaluations, each in a transaction of its own as
/// soon as it is there: a process that is killed loses what it was working on and nothing else.
/// One process has the file at a time. Used by one thread at a time.
class Store {
public:
  /// Makes the file if there is none. Errors: Io (in use by another process, too), InvalidFormat
  /// for a file that is no store of this kind or of a later version, Corrupt.
  static base::Result<Store> open(const std::filesystem::path& path);

  /// The number by which outcomes of a run are kept. Everything below is about this run.
  base::Result<void> select(const RunIdentity& identity);
  /// The number of a variant, given its key.
  base::Result<std::int64_t> variant(const std::string& key);
  base::Result<Outcomes> outcomes();
  /// Errors: Internal for an outcome that is there already.
  base::Result<void> add(const OutcomeKey& key, const Outcome& outcome);

  /// Counts an evaluation, told from others by `signature` (variants and repeats): the same one
  /// again keeps its number. `variants`: held against the base.
  base::Result<Look> look(const std::string& signature, std::int64_t variants);

private:
  explicit Store(trace::sql::Database database) : m_database(std::move(database)) {}

  trace::sql::Database m_database;
  RunIdentity m_identity;
  std::int64_t m_run = 0;
};

} // namespace switchyard::jobs::evaluate
