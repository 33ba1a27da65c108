#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/trace/block.h"
#include "core/trace/hash.h"
#include "core/trace/layout.h"
#include "core/trace/meta_rows.h"
#include "core/trace/sqlite.h"

/// The SQLite side of the format: schema, rows and their hashes. Internal to core/trace.
namespace switchyard::trace {

constexpr std::uint32_t kApplicationId = 0x53575931; ///< "SWY1"
constexpr std::uint32_t kUserVersion = 1;

/// Steps of SQLite's virtual machine that one lookup of a sound file never needs.
constexpr std::int64_t kLookupFuse = 20'000'000;

struct TableDefinition {
  std::string_view name;
  std::string_view sql;
};
/// Exactly what sqlite_schema holds, by name.
std::span<const TableDefinition> schema();

/// A database with the schema and the rows of `meta` and nothing else. Errors: Io.
base::Result<sql::Database> createStore(const std::filesystem::path& path, const MetaRows& rows);

/// What is at a path, opened with all care that a foreign file needs.
struct OpenedStore {
  sql::Database database;
  sql::OpenMode mode = sql::OpenMode::Read;
  MetaContent content;
  std::string digest;
  bool newer = false; ///< a later user_version
};
/// Errors: see Trace::open.
base::Result<OpenedStore> openStore(const std::filesystem::path& path);
/// Whether a file starts as every trace does, complete or damaged. Errors: NotFound, Io.
base::Result<bool> looksLikeTrace(const std::filesystem::path& path);

base::Result<MetaRows> readMetaRows(sql::Database& database);

/// A row of the table `sequence`.
struct SequenceRow {
  SequenceInfo info; ///< without text and tokens
  std::int64_t tokens = 0;
  std::int64_t rows = 0;
  std::int64_t textBytes = 0;
  std::string labelsJson;
};
constexpr std::string_view kSelectSequences =
    "SELECT seq, id, source, labels, prompt_length, tokens, rows, text_bytes, hash FROM sequence "
    "WHERE seq >= ? AND seq < ? ORDER BY seq";
constexpr std::string_view kInsertSequence = "INSERT INTO sequence VALUES(?,?,?,?,?,?,?,?,?)";
/// The row that a statement of kSelectSequences is at. Errors: Corrupt.
base::Result<SequenceRow> readSequence(const sql::Statement& statement, std::uint64_t seed);
/// `row` must live until the statement is run.
void bindSequence(sql::Statement& statement, const SequenceRow& row, std::uint64_t seed);
/// One JSON object, keys sorted; nothing if a text is not UTF-8 or all are > 1 MiB.
std::optional<std::string> labelsToJson(const std::map<std::string, std::string>& labels);

/// One chunk that a sequence must have.
struct ExpectedChunk {
  ChunkKey key;
  const ColumnLayout* column = nullptr;
  const LayerGroup* group = nullptr;
  std::int64_t rows = 0;

  std::int64_t decodedBytes() const { return rows * group->rowBytes; }
};
/// Rows of one column of a sequence: text bytes, tokens, generated tokens, or rows with routing.
std::int64_t rowsOf(const SequenceRow& row, ChunkKind kind);
/// Calls visit(ExpectedChunk) in the order of keys; stops at the first error and returns it.
template <typename Visit>
base::Result<void> forEachExpectedChunk(const Layout& layout, const SequenceRow& row, Visit visit) {
  for (const ColumnLayout& column : layout.columns())
    for (std::size_t g = 0; g < column.groups.size(); ++g) {
      const LayerGroup& group = column.groups[g];
      const std::int64_t rows = rowsOf(row, column.kind);
      for (std::int64_t first = 0, number = 0; first < rows;
           first += group.rowsPerChunk, ++number) {
        const ExpectedChunk chunk{.key = {.sequence = row.info.index,
                                          .kind = column.kind,
                                          .group = static_cast<int>(g),
                                          .number = number},
                                  .column = &column,
                                  .group = &group,
                                  .rows = rows - first < group.rowsPerChunk ? rows - first
                                                                            : group.rowsPerChunk};
        SY_TRY(visit(chunk));
      }
    }
  return {};
}

} // namespace switchyard::trace
