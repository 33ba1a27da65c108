#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard::trace {

/// A cell; monostate means undefined (0/0, no data) and is written as null or an empty field.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct Column {
  std::string name; ///< snake_case, unique in its table
  std::string unit; ///< "tokens", "nats", "share", ...; empty for ids and names
  std::string help; ///< one sentence
};

/// Typed rows under named columns. Every row has one cell per column.
struct Table {
  std::string name; ///< file-name safe, unique in its result
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// A number worth saying on its own.
struct Headline {
  std::string name;
  std::string title;
  Cell value;
  std::string unit;
  std::optional<std::pair<double, double>> interval; ///< with `level`
  double level = 0.95;
  std::string note; ///< what it says of which data; formula
};

/// How a result came to be; enough to make it again.
struct Provenance {
  std::string analyzer; ///< id
  std::string version;
  std::string formula; ///< in words or symbols, with its source
  std::string filter;  ///< which tokens, layers and labels were read
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;
  std::vector<std::pair<std::string, std::string>> options;
};

/// What an analyzer returns: tables, headline numbers, and sentences for people.
struct AnalysisResult {
  std::vector<Table> tables;
  std::vector<Headline> headlines;
  std::vector<std::string> findings; ///< readable summary, one statement each, most telling first
  std::vector<std::string> warnings; ///< "not enough data: 200 tokens, 3200 needed", ...
  Provenance provenance;
};

} // namespace switchyard::trace
