#include "app/jobs/report/markdown.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "app/jobs/report/machine_section.h"
#include "app/jobs/report/markup.h"
#include "app/jobs/report/provenance.h"

namespace switchyard::jobs::report {

namespace {

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

std::string tableText(const trace::Table& table, std::size_t most) {
  const std::size_t shown = most == 0 ? table.rows.size() : std::min(most, table.rows.size());
  std::vector<std::string> names, rules;
  for (const trace::Column& column : table.columns) {
    names.push_back(
        markdownText(column.unit.empty() ? column.name : column.name + " (" + column.unit + ")"));
    rules.push_back("---");
  }
  std::string out =
      fmt::format("**{}**\n\n", markdownText(table.title)) + line(names) + line(rules);
  for (std::size_t r = 0; r < shown; ++r) {
    std::vector<std::string> cells;
    for (const trace::Cell& cell : table.rows[r])
      cells.push_back(cellText(cell));
    out += line(cells);
  }
  if (shown < table.rows.size())
    out += fmt::format("\n{} of {} rows.\n", shown, table.rows.size());
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

/// Pictures by their paths, in order; by their titles where there is none.
class Pictures {
public:
  explicit Pictures(const std::vector<std::string>& paths) : m_paths(paths) {}
  std::string next(const std::string& title, const std::string& note) {
    const std::string name = markdownText(title);
    std::string out = m_next < m_paths.size() ? fmt::format("![{}]({})\n\n", name, m_paths[m_next])
                                              : fmt::format("Figure: {}\n\n", name);
    ++m_next;
    if (!note.empty())
      out += fmt::format("*{}*\n\n", markdownText(note));
    return out;
  }

private:
  const std::vector<std::string>& m_paths;
  std::size_t m_next = 0;
};

std::string partText(const Part& part, Pictures& pictures, std::size_t rows) {
  const bool whole = !part.title.empty();
  std::string out;
  if (whole)
    out += fmt::format("## {}\n\n", markdownText(part.title));
  if (!part.note.empty())
    out += markdownText(part.note) + "\n\n";
  for (const Picture& picture : part.pictures)
    out += pictures.next(picture.title, picture.note);
  for (const auto& [plugin, result] : part.results) {
    if (!whole)
      out += fmt::format("## {}\n\n", markdownText(plugin));
    if (!whole && showsNothing(result))
      out += "This result has no figures, tables or numbers.\n\n";
    out += bullets(result.findings) + headlineTable(result);
    for (const trace::Figure& figure : result.figures)
      out += pictures.next(figure.title, figure.note);
    for (const trace::Table& table : result.tables)
      out += tableText(table, rows);
  }
  return out;
}

std::string machineText(const Document& document) {
  std::string out = fmt::format("{}\n## Machine and times\n\n", kMachineBegin);
  for (const auto& [label, value] : machineRows(document))
    out += fmt::format("- {}: {}\n", markdownText(label), markdownText(value));
  return out + kMachineEnd + "\n";
}

} // namespace

std::string toMarkdown(const Description& description, const std::vector<std::string>& figures,
                       std::size_t rows) {
  const Document& document = description.document;
  std::string out = fmt::format("# {}\n\n", markdownText(document.title));
  if (!document.question.empty())
    out += fmt::format("*{}*\n\n", markdownText(document.question));
  for (const std::string& note : document.notes)
    out += markdownText(note) + "\n\n";
  if (!description.checks.empty()) {
    out += "## Checks\n\n| | check | |\n| --- | --- | --- |\n";
    for (const Check& each : description.checks)
      out += line({each.passed ? "passed" : "**failed**", markdownText(each.name),
                   markdownText(each.sentence)});
    out += "\n";
  }
  if (const std::vector<std::string> warnings = warningsOf(document); !warnings.empty())
    out += "## Warnings\n\n" + bullets(warnings);
  Pictures pictures(figures);
  for (const Part& part : document.parts)
    out += partText(part, pictures, rows);
  if (document.parts.empty())
    out += "This report has no entries yet.\n\n";
  out += "## Methods\n\n";
  for (const std::string& paragraph : methodsOf(document))
    out += markdownText(paragraph) + "\n\n";
  std::string commands;
  for (const std::string& command : commandsOf(document, description.reproduce))
    commands += analyzers::report::validUtf8(command) + "\n";
  std::string fence = "```"; // longer than any inside
  while (commands.find(fence) != std::string::npos)
    fence += '`';
  if (!commands.empty())
    out += fmt::format("## Run it again\n\n{0}sh\n{1}{0}\n\n", fence, commands);
  return out + machineText(document) +
         provenanceComment(provenanceJson(document, description.reproduce));
}

} // namespace switchyard::jobs::report
