#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

/// The little of SQLite that stores use (traces, evaluations), with errors as values.
namespace switchyard::trace::sql {

enum class OpenMode : std::uint8_t {
  Read,          ///< with SQLite's locks; reads a -wal if there is one
  ReadImmutable, ///< no locks, no -wal, no -journal: for files that nobody changes
  Write,         ///< the file must exist
  Create,        ///< makes the file
};

class Statement {
public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : m_statement(statement) {}

  /// Parameters count from 1; those not bound are NULL. Text and blobs are borrowed until the next
  /// reset().
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::span<const std::byte> blob);
  /// true: a row is there; false: done. Errors: see Database.
  base::Result<bool> step();
  /// Runs a statement that gives no rows, then resets it.
  base::Result<void> run();
  void reset();

  /// Columns count from 0; borrowed until the next step() or reset().
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool isNull(int column) const;
  std::string_view text(int column) const;
  std::span<const std::byte> blob(int column) const;

private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

/// One connection, used by one thread at a time. Errors: Io (disk full, locked, refused by the
/// system), Corrupt, InvalidFormat (not a database), LimitExceeded (a limit or the fuse).
class Database {
public:
  static base::Result<Database> open(const std::filesystem::path& path, OpenMode mode);

  base::Result<void> exec(const char* sql);
  base::Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row of a statement, as text. Error Corrupt if there is none.
  base::Result<std::string> value(std::string_view sql);
  /// The same as a number: 0 if there is none.
  base::Result<std::int64_t> integer(std::string_view sql);

  /// Raw bytes of the database file, whatever a -wal says.
  base::Result<void> readFile(std::uint64_t offset, std::span<std::byte> out);
  /// Switches off what a foreign file could use against us: triggers, views, trusted functions,
  /// memory mapping, large values, and more than `operations` virtual machine steps per statement.
  base::Result<void> harden(std::int64_t operations);
  /// Steps allowed to the next statements together; `stop`, asked every few thousand, ends them.
  void setFuse(std::int64_t operations, std::function<bool()> stop = {});
  /// Leaves the -wal alone when this connection closes.
  void keepWalOnClose();

private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Fuse {
    std::int64_t left = 0;
    std::function<bool()> stop;
  };
  std::unique_ptr<sqlite3, Close> m_connection;
  std::unique_ptr<Fuse> m_fuse;
};

} // namespace switchyard::trace::sql
