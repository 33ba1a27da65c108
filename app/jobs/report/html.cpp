#include "app/jobs/report/html.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/svg.h"
#include "analyzers/report/vega.h"
#include "app/jobs/report/assets.h"
#include "app/jobs/report/machine_section.h"
#include "app/jobs/report/markup.h"
#include "app/jobs/report/provenance.h"
#include "core/base/version.h"

namespace switchyard::jobs::report {

namespace {

/// The page's head never asks for anything from anywhere.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'{}; style-src 'unsafe-inline'; "
    "img-src data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'";

std::string isolated(std::string_view text) {
  return "<bdi>" + htmlText(text) + "</bdi>";
}

/// Collects the body and the data that its scripts read.
class Page {
public:
  void add(std::string_view html) { m_body += html; }
  void heading(int level, std::string_view text, std::string_view id = {}) {
    m_body += id.empty() ? fmt::format("<h{0}>{1}</h{0}>\n", level, isolated(text))
                         : fmt::format("<h{0} id=\"{2}\">{1}</h{0}>\n", level, isolated(text),
                                       htmlText(id));
  }
  void paragraph(std::string_view text, std::string_view kind = {}) {
    m_body += fmt::format("<p{}>{}</p>\n", kind.empty() ? "" : fmt::format(" class=\"{}\"", kind),
                          isolated(text));
  }
  void list(const std::vector<std::string>& items, std::string_view kind) {
    if (items.empty())
      return;
    m_body += fmt::format("<ul class=\"{}\">\n", kind);
    for (const std::string& item : items)
      m_body += "<li>" + isolated(item) + "</li>\n";
    m_body += "</ul>\n";
  }
  void command(std::string_view line) {
    m_body += "<pre class=\"command\"><code>" + htmlText(line) + "</code></pre>\n";
  }
  /// titled: with its title; the heading above says it otherwise.
  void figure(const trace::Figure& figure, bool titled);
  void table(const trace::Table& table, bool titled);

  const std::string& body() const { return m_body; }
  /// {"figures": {...}, "tables": {...}}
  std::string data() const {
    return "{\"figures\":{" + m_figures + "},\"tables\":{" + m_tables + "}}";
  }

private:
  std::string m_body, m_figures, m_tables;
  int m_count = 0;
};

std::string caption(const std::string& title, const std::string& note) {
  if (title.empty() && note.empty())
    return "";
  const std::string said =
      note.empty() ? "" : fmt::format(" <span class=\"note\">{}</span>", isolated(note));
  return fmt::format("<figcaption>{}{}</figcaption>\n", title.empty() ? "" : isolated(title), said);
}

void Page::figure(const trace::Figure& figure, bool titled) {
  const std::string id = fmt::format("f{}", ++m_count);
  add(fmt::format("<figure id=\"{}\">\n{}", id, caption(titled ? figure.title : "", figure.note)));
  if (vegaLibrary().empty())
    add(analyzers::report::toSvg(figure));
  else {
    add(fmt::format(
        "<div class=\"plot\" data-figure=\"{}\" role=\"img\" aria-label=\"{}\"></div>\n", id,
        htmlText(figure.title)));
    m_figures += fmt::format("{}\n\"{}\":{}", m_figures.empty() ? "" : ",", id,
                             analyzers::report::toVega(figure));
  }
  add("</figure>\n");
}

void Page::table(const trace::Table& table, bool titled) {
  const std::string id = fmt::format("t{}", ++m_count);
  add(fmt::format("<section class=\"table\" id=\"{}\" data-table=\"{}\">{}</section>\n", id, id,
                  titled ? fmt::format("<h4>{}</h4>", isolated(table.title)) : ""));
  nlohmann::json columns = nlohmann::json::array();
  for (const trace::Column& column : table.columns)
    columns.push_back({column.name, column.unit, column.help});
  std::string rows;
  for (const auto& row : table.rows) {
    nlohmann::json cells = nlohmann::json::array();
    for (const trace::Cell& cell : row)
      std::visit(
          [&](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>)
              cells.push_back(nullptr);
            else
              cells.push_back(value);
          },
          cell);
    rows += (rows.empty() ? "" : ",") +
            cells.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  m_tables +=
      fmt::format("{}\n\"{}\":{{\"name\":{},\"columns\":{},\"rows\":[{}]}}",
                  m_tables.empty() ? "" : ",", id, nlohmann::json(table.name).dump(),
                  columns.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), rows);
}

void headlines(Page& page, const trace::AnalysisResult& result) {
  if (result.headlines.empty())
    return;
  page.add("<table class=\"headlines\"><tbody>\n");
  for (const trace::Headline& headline : result.headlines)
    page.add(
        fmt::format("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td>{}</td></tr>\n",
                    isolated(headline.title), isolated(spoken(headline)), isolated(headline.note)));
  page.add("</tbody></table>\n");
}

void checksOf(Page& page, const std::vector<Check>& checks) {
  if (checks.empty())
    return;
  page.heading(2, "Checks", "checks");
  page.add("<table class=\"checks\"><tbody>\n");
  for (const Check& each : checks)
    page.add(fmt::format("<tr class=\"{0}\"><td>{1}</td><td>{2}</td><td>{3}</td></tr>\n",
                         each.passed ? "passed" : "failed", each.passed ? "✓ passed" : "✕ failed",
                         isolated(each.name), isolated(each.sentence)));
  page.add("</tbody></table>\n");
}

void warnings(Page& page, const Document& document) {
  const std::vector<std::string> all = warningsOf(document);
  if (all.empty())
    return;
  page.heading(2, "Warnings", "warnings");
  page.list(all, "warnings");
}

void picture(Page& page, const Picture& picture, bool titled) {
  page.add(fmt::format("<figure>\n{}<img alt=\"{}\" width=\"{:g}\" height=\"{:g}\" src=\"{}\">\n"
                       "</figure>\n",
                       caption(titled ? picture.title : "", picture.note), htmlText(picture.title),
                       picture.width, picture.height, svgUri(picture.svg)));
}

/// heading: of the part, empty if it has none.
void content(Page& page, const trace::AnalysisResult& result, const std::string& heading) {
  page.list(result.findings, "findings");
  headlines(page, result);
  for (const trace::Figure& figure : result.figures)
    page.figure(figure, figure.title != heading);
  for (const trace::Table& table : result.tables)
    page.table(table, table.title != heading);
}

/// A part with a heading of its own, or a section for each of its results.
void results(Page& page, const Document& document) {
  for (const Part& part : document.parts) {
    const bool whole = !part.title.empty();
    const auto open = [&page](const std::string& title) {
      page.add("<section class=\"result\">\n");
      page.heading(2, title);
    };
    if (whole)
      open(part.title);
    if (!part.note.empty())
      page.paragraph(part.note, "author");
    for (const Picture& each : part.pictures)
      picture(page, each, each.title != part.title);
    for (const auto& [plugin, result] : part.results) {
      if (whole) {
        content(page, result, part.title);
        continue;
      }
      open(plugin);
      if (showsNothing(result))
        page.paragraph("This result has no figures, tables or numbers.", "muted");
      content(page, result, part.title);
      page.add("</section>\n");
    }
    if (whole)
      page.add("</section>\n");
  }
  if (document.parts.empty())
    page.paragraph("This report has no entries yet.", "muted");
}

void method(Page& page, const Description& description) {
  page.heading(2, "Methods", "methods");
  for (const std::string& paragraph : methodsOf(description.document))
    page.paragraph(paragraph);
  page.paragraph("Intervals are 95 % unless said otherwise. Undefined values are left empty.",
                 "muted");
  const std::vector<std::string> lines = commandsOf(description.document, description.reproduce);
  if (!lines.empty())
    page.heading(2, "Run it again", "again");
  for (const std::string& line : lines)
    page.command(line);
}

void machine(Page& page, const Document& document) {
  page.add(fmt::format("{}\n<section id=\"machine\">\n", kMachineBegin));
  page.heading(2, "Machine and times");
  page.add("<table class=\"facts\"><tbody>\n");
  for (const auto& [label, value] : machineRows(document))
    page.add(fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", isolated(label),
                         isolated(value)));
  page.add(fmt::format("</tbody></table>\n</section>\n{}\n", kMachineEnd));
}

std::string script(std::string_view content) {
  return content.empty() ? "" : "<script>" + std::string(content) + "</script>\n";
}

} // namespace

Html toHtml(const Description& description, const std::string& dataName, std::uint64_t maxInline) {
  const Document& document = description.document;
  Page page;
  page.add("<header>\n");
  page.heading(1, document.title);
  if (!document.question.empty())
    page.paragraph(document.question, "question");
  for (const std::string& note : document.notes)
    page.paragraph(note);
  page.add("</header>\n<main>\n");
  checksOf(page, description.checks);
  warnings(page, document);
  results(page, document);
  method(page, description);
  machine(page, document);
  page.add("</main>\n");

  Html html;
  std::string data = scriptText(page.data());
  const bool aside = data.size() > maxInline;
  html.page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"switchyard {}\">\n<title>{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n",
      fmt::format(fmt::runtime(kPolicy), aside ? " file:" : ""), base::version(),
      htmlText(document.title), pageStyle());
  html.page += page.body();
  if (aside) {
    html.data = "window.switchyardData=" + data + ";\n";
    html.page += fmt::format("<script src=\"{}\"></script>\n", htmlText(dataName));
  } else {
    html.page += "<script type=\"application/json\" id=\"data\">" + data + "</script>\n";
  }
  if (!vegaLibrary().empty())
    html.page += "<!-- Figures: Vega, Vega-Lite and Vega-Embed, copyright University of Washington "
                 "Interactive Data Lab, BSD-3-Clause (https://github.com/vega) -->\n";
  html.page += provenanceElement(provenanceJson(description.document, description.reproduce));
  html.page += script(vegaLibrary()) + script(vegaLiteLibrary()) + script(vegaEmbedLibrary()) +
               script(pageScript()) + "</body>\n</html>\n";
  return html;
}

} // namespace switchyard::jobs::report
