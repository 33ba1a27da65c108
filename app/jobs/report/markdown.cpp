#include "app/jobs/report/markdown.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "app/jobs/report/markup.h"

namespace switchyard::jobs::report {

namespace {

constexpr std::size_t kRows = 20; ///< of each table

std::string cellText(const trace::Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return analyzers::report::shortNumber(value); }
    std::string operator()(const std::string& value) const { return markdownText(value); }
  };
  return std::visit(Visitor{}, cell);
}

std::string bullets(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items)
    out += "- " + markdownText(item) + "\n";
  return out.empty() ? out : out + "\n";
}

std::string line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells)
    out += " " + cell + " |";
  return out + "\n";
}

std::string tableText(const trace::Table& table) {
  std::vector<std::string> names, rules;
  for (const trace::Column& column : table.columns) {
    names.push_back(markdownText(column.unit.empty() ? column.name
                                                     : column.name + " (" + column.unit + ")"));
    rules.push_back("---");
  }
  std::string out = fmt::format("**{}**\n\n", markdownText(table.title)) + line(names) + line(rules);
  for (std::size_t r = 0; r < std::min(kRows, table.rows.size()); ++r) {
    std::vector<std::string> cells;
    for (const trace::Cell& cell : table.rows[r])
      cells.push_back(cellText(cell));
    out += line(cells);
  }
  if (table.rows.size() > kRows)
    out += fmt::format("\n{} of {} rows.\n", kRows, table.rows.size());
  return out + "\n";
}

std::string headlineTable(const trace::AnalysisResult& result) {
  if (result.headlines.empty())
    return "";
  std::string out = "| number | value | of |\n| --- | --- | --- |\n";
  for (const trace::Headline& headline : result.headlines)
    out += line({markdownText(headline.title), markdownText(spoken(headline)),
                 markdownText(headline.note)});
  return out + "\n";
}

} // namespace

std::string toMarkdown(const Document& document, const std::vector<Check>& checks,
                       const std::vector<std::string>& figures,
                       const std::vector<std::string>& reproduce) {
  std::string out = fmt::format("# {}\n\n", markdownText(document.title));
  if (!document.question.empty())
    out += fmt::format("*{}*\n\n", markdownText(document.question));
  for (const std::string& note : document.notes)
    out += markdownText(note) + "\n\n";
  if (!checks.empty()) {
    out += "## Checks\n\n| | check | |\n| --- | --- | --- |\n";
    for (const Check& each : checks)
      out += line({each.passed ? "passed" : "**failed**", markdownText(each.name),
                   markdownText(each.sentence)});
    out += "\n";
  }
  if (const std::vector<std::string> warnings = warningsOf(document); !warnings.empty())
    out += "## Warnings\n\n" + bullets(warnings);
  std::size_t picture = 0;
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results) {
      out += fmt::format("## {}\n\n", markdownText(plugin));
      out += bullets(result.findings) + headlineTable(result);
      for (const trace::Figure& figure : result.figures) {
        const std::string title = markdownText(figure.title);
        out += picture < figures.size() ? fmt::format("![{}]({})\n\n", title, figures[picture])
                                        : fmt::format("Figure: {}\n\n", title);
        ++picture;
        if (!figure.note.empty())
          out += fmt::format("*{}*\n\n", markdownText(figure.note));
      }
      for (const trace::Table& table : result.tables)
        out += tableText(table);
    }
  out += "## Methods\n\n";
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results)
      out += markdownText(methods(plugin, result)) + "\n\n";
  std::string commands;
  for (const Part& part : document.parts)
    if (!part.command.empty())
      commands += analyzers::report::validUtf8(part.command) + "\n";
  for (const std::string& command : reproduce)
    commands += analyzers::report::validUtf8(command) + "\n";
  std::string fence = "```"; // longer than any inside
  while (commands.find(fence) != std::string::npos)
    fence += '`';
  return out + fmt::format("## Run it again\n\n{0}sh\n{1}{0}\n", fence, commands);
}

} // namespace switchyard::jobs::report
