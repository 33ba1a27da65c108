#include "app/jobs/report/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/svg.h"
#include "app/jobs/command_line.h"
#include "app/jobs/report/html.h"
#include "app/jobs/report/markdown.h"
#include "core/base/file.h"

namespace switchyard::jobs::report {

namespace {

using base::Result;

std::string commandLine(const ReportOptions& options) {
  std::string line = "switchyard report";
  for (const std::filesystem::path& path : options.results)
    line += " " + shellQuoted(path.string());
  if (!options.title.empty())
    line += " --title " + shellQuoted(options.title);
  if (!options.question.empty())
    line += " --question " + shellQuoted(options.question);
  for (const std::string& note : options.notes)
    line += " --note " + shellQuoted(note);
  if (!options.thresholds.empty())
    line += " --check " + shellQuoted(options.thresholds.string());
  return line + " --out " + shellQuoted(options.out.string());
}

Result<Document> read(const ReportOptions& options) {
  if (options.results.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "name at least one result");
  Document document;
  document.title = options.title.empty() ? "Switchyard report" : options.title;
  document.question = options.question;
  document.notes = options.notes;
  for (const std::filesystem::path& path : options.results)
    document.parts.push_back(SY_TRY(readPart(path)));
  return document;
}

/// Writes the pictures of a Markdown report into NAME.figures; their paths as the report says them.
Result<std::vector<std::string>> writePictures(const Document& document,
                                               const std::filesystem::path& out,
                                               std::vector<std::filesystem::path>& files) {
  const std::string folder = out.stem().string() + ".figures";
  std::error_code error;
  std::filesystem::create_directories(out.parent_path() / folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = (out.parent_path() / folder).string()});
  std::vector<std::string> paths;
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results)
      for (const trace::Figure& figure : result.figures) {
        const std::string name = fmt::format("{}/{:03}.svg", folder, paths.size() + 1);
        files.push_back(out.parent_path() / name);
        SY_TRY(base::writeFileAtomically(files.back(), analyzers::report::toSvg(figure)));
        paths.push_back(fmt::format("<{}>", name));
      }
  return paths;
}

} // namespace

bool ReportSummary::passed() const {
  return std::ranges::all_of(checks, &Check::passed);
}

Result<ReportSummary> writeReport(const ReportOptions& options) {
  const std::string ending = options.out.extension().string();
  if (ending != ".html" && ending != ".md")
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("\"{}\": a report is written as .html or .md",
                                  options.out.string()));
  const Document document = SY_TRY(read(options));
  ReportSummary summary;
  if (!options.thresholds.empty())
    summary.checks = SY_TRY(check(document, options.thresholds));
  for (const Part& part : document.parts)
    for (const auto& [plugin, result] : part.results) {
      summary.figures += static_cast<std::int64_t>(result.figures.size());
      summary.tables += static_cast<std::int64_t>(result.tables.size());
    }
  const std::vector<std::string> reproduce = {commandLine(options)};
  std::vector<std::filesystem::path> beside;
  std::string report;
  if (ending == ".md") {
    const auto pictures = SY_TRY(writePictures(document, options.out, beside));
    report = toMarkdown(document, summary.checks, pictures, reproduce);
  } else {
    std::filesystem::path dataFile = options.out;
    dataFile.replace_extension(".data.js");
    Html html = toHtml(document, summary.checks, reproduce, dataFile.filename().string(),
                       options.maxInline);
    if (!html.data.empty()) {
      SY_TRY(base::writeFileAtomically(dataFile, html.data));
      beside.push_back(dataFile);
    }
    report = std::move(html.page);
  }
  SY_TRY(base::writeFileAtomically(options.out, report));
  summary.files.push_back(options.out);
  std::ranges::move(beside, std::back_inserter(summary.files));
  return summary;
}

} // namespace switchyard::jobs::report
