#include "analyzers/report/csv.h"

#include <cmath>

#include "analyzers/report/encoding.h"

namespace switchyard::analyzers::report {

namespace {

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos)
    return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"')
      out += '"';
    out += c;
  }
  return out += '"';
}

std::string cellText(const trace::Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const {
      return std::isfinite(value) ? exactNumber(value) : "";
    }
    std::string operator()(const std::string& value) const { return field(validUtf8(value)); }
  };
  return std::visit(Visitor{}, cell);
}

} // namespace

std::string toCsv(const trace::Table& table) {
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    (out += c > 0 ? "," : "") += field(validUtf8(table.columns[c].name));
  out += '\n';
  for (const std::vector<trace::Cell>& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      (out += c > 0 ? "," : "") += cellText(row[c]);
    out += '\n';
  }
  return out;
}

} // namespace switchyard::analyzers::report
