#include "analyzers/report/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"

namespace switchyard::analyzers::report {

namespace {

std::string printable(std::string_view text) {
  std::string out = validUtf8(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c < 0x20 || c == 0x7F)
      out[i] = '?';
    else if (c == 0xC2 && static_cast<unsigned char>(out[i + 1]) < 0xA0)
      out.replace(i, 2, "?"); // C1 control characters
  }
  return out;
}

/// Code points, the usual width of a text.
std::size_t displayWidth(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::string_view first, std::string_view next,
                    int width) {
  std::string out(first);
  std::size_t column = displayWidth(first);
  bool lineStart = true;
  const std::string clean = printable(text);
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t end = std::min(clean.find(' ', at), clean.size());
    const std::string_view word = std::string_view(clean).substr(at, end - at);
    if (!lineStart &&
        column + 1 + displayWidth(word) > static_cast<std::size_t>(std::max(width, 20))) {
      (out += '\n') += next;
      column = displayWidth(next);
      lineStart = true;
    }
    if (!lineStart) {
      out += ' ';
      ++column;
    }
    out += word;
    column += displayWidth(word);
    lineStart = false;
    at = end + 1;
  }
  return out += '\n';
}

std::string cellText(const trace::Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return shortNumber(value); }
    std::string operator()(const std::string& value) const { return printable(value); }
  };
  return std::visit(Visitor{}, cell);
}

} // namespace

std::string toText(const trace::Table& table, int maxRows) {
  const std::size_t rows =
      std::min(table.rows.size(), static_cast<std::size_t>(std::max(maxRows, 0)));
  std::vector<std::vector<std::string>> cells(rows + 1);
  std::vector<std::size_t> widths;
  for (const trace::Column& column : table.columns) {
    cells[0].push_back(printable(column.name));
    widths.push_back(displayWidth(cells[0].back()));
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
      cells[r + 1].push_back(cellText(table.rows[r][c]));
      widths[c] = std::max(widths[c], displayWidth(cells[r + 1].back()));
    }
  }
  std::string out = printable(table.title) + "\n";
  for (const std::vector<std::string>& row : cells) {
    for (std::size_t c = 0; c < row.size(); ++c)
      out += "  " + std::string(widths[c] - displayWidth(row[c]), ' ') + row[c];
    out += '\n';
  }
  if (rows < table.rows.size())
    out += fmt::format("  ... {} more rows\n", table.rows.size() - rows);
  return out;
}

std::string toText(const trace::AnalysisResult& result, const TextOptions& options) {
  const std::string& id =
      result.provenance.analyzer; // "org.switchyard.load": people know it as load
  std::string out =
      wrapped(fmt::format("{} ({} tokens, {} sequences)", id.substr(id.rfind('.') + 1),
                          result.provenance.tokens, result.provenance.sequences),
              "", "", options.width);
  const auto listed = [&](const std::vector<std::string>& lines, int limit, std::string_view mark) {
    const std::size_t shown = std::min(lines.size(), static_cast<std::size_t>(std::max(limit, 0)));
    for (std::size_t i = 0; i < shown; ++i)
      out += wrapped(lines[i], mark, "    ", options.width);
    if (shown < lines.size())
      out += fmt::format("    ... {} more\n", lines.size() - shown);
  };
  listed(result.findings, options.maxFindings, "  * ");
  std::size_t widest = 0;
  for (const trace::Headline& h : result.headlines)
    widest = std::max(widest, displayWidth(printable(h.title)));
  for (const trace::Headline& h : result.headlines) {
    const std::string title = printable(h.title);
    out +=
        "    " + title + std::string(widest - displayWidth(title), ' ') + "  " + cellText(h.value);
    if (!h.unit.empty())
      out += " " + printable(h.unit);
    if (h.interval)
      out +=
          fmt::format(" [{}, {}]", shortNumber(h.interval->first), shortNumber(h.interval->second));
    out += '\n';
  }
  listed(result.warnings, options.maxWarnings, "  ! ");
  if (options.maxRows > 0) {
    for (const trace::Table& table : result.tables)
      out += "\n" + toText(table, options.maxRows);
  }
  return out;
}

} // namespace switchyard::analyzers::report
