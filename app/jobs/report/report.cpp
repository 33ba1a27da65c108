#include "app/jobs/report/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/report/svg.h"
#include "app/jobs/command_line.h"
#include "app/jobs/report/doctor.h"
#include "app/jobs/report/html.h"
#include "app/jobs/report/markdown.h"
#include "core/base/file.h"

namespace switchyard::jobs::report {

namespace {

using base::Result;
namespace fs = std::filesystem;

constexpr std::size_t kPdfRows = 50, kMarkdownRows = 20;

std::string commandLine(const ReportOptions& options) {
  std::string line = "switchyard report";
  const auto add = [&line](std::string_view option, const std::string& value) {
    if (!value.empty())
      line += fmt::format("{} {}", option, shellQuoted(value));
  };
  for (const fs::path& path : options.results)
    add("", path.string());
  add(" --title", options.title);
  add(" --question", options.question);
  for (const std::string& note : options.notes)
    add(" --note", note);
  add(" --check", options.thresholds.string());
  const ReportOutput& to = options.to;
  if (!options.doctor)
    line += " --no-doctor";
  if (to.rows)
    line += fmt::format(" --rows {}", *to.rows);
  if (to.paper == Paper::Letter)
    line += " --paper letter";
  add(" --out", to.file.string());
  add(" --figures", to.figures.string());
  if (!to.figures.empty())
    add(" --figure-format", to.figureFormat);
  return line;
}

Result<Document> read(const ReportOptions& options) {
  if (options.results.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "name at least one result");
  Document document;
  document.title = options.title.empty() ? "Switchyard report" : options.title;
  document.question = options.question;
  document.notes = options.notes;
  for (const fs::path& path : options.results)
    document.parts.push_back(SY_TRY(readPart(path)));
  const Part& first = document.parts.front();
  if (options.title.empty() && !first.documentTitle.empty())
    document.title = first.documentTitle;
  if (document.question.empty())
    document.question = first.question;
  document.notes.insert(document.notes.begin(), first.notes.begin(), first.notes.end());
  return document;
}

Result<void> check(const ReportOutput& to) {
  const std::string ending = to.file.extension().string();
  if (to.file.empty() && to.figures.empty())
    return base::fail(base::ErrorCode::InvalidArgument,
                      "say where the report goes: a file, or a folder for its figures");
  if (!to.file.empty() && ending != ".html" && ending != ".md" && ending != ".pdf")
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("\"{}\": a report is written as .html, .md or .pdf", to.file.string()));
  if (to.figureFormat != "png" && to.figureFormat != "svg" && to.figureFormat != "pdf")
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("\"{}\": figures are written as png, svg or pdf", to.figureFormat));
  return {};
}

/// Writes the pictures of a Markdown report into NAME.figures; their paths as the report says them.
Result<std::vector<std::string>> writePictures(const Document& document, const fs::path& out,
                                               std::vector<fs::path>& files) {
  const std::string folder = out.stem().string() + ".figures";
  std::vector<std::string> paths;
  const auto write = [&](const std::string& svg) -> Result<void> {
    const std::string name = fmt::format("{}/{:03}.svg", folder, paths.size() + 1);
    files.push_back(out.parent_path() / name);
    SY_TRY(base::writeFileAtomically(files.back(), svg));
    paths.push_back(fmt::format("<{}>", name));
    return {};
  };
  std::error_code error;
  fs::create_directories(out.parent_path() / folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = (out.parent_path() / folder).string()});
  for (const Part& part : document.parts) {
    for (const Picture& picture : part.pictures)
      SY_TRY(write(picture.svg));
    for (const auto& [plugin, result] : part.results)
      for (const trace::Figure& figure : result.figures)
        SY_TRY(write(analyzers::report::toSvg(figure)));
  }
  return paths;
}

/// The report itself as text, and what has to lie beside it.
Result<std::string> render(const Description& description, const ReportOutput& to,
                           std::vector<fs::path>& beside) {
  if (to.file.extension() == ".md") {
    const auto pictures = SY_TRY(writePictures(description.document, to.file, beside));
    return toMarkdown(description, pictures, to.rows.value_or(kMarkdownRows));
  }
  fs::path dataFile = to.file;
  dataFile.replace_extension(".data.js");
  Html html = toHtml(description, dataFile.filename().string(), to.maxInline);
  if (!html.data.empty()) {
    SY_TRY(base::writeFileAtomically(dataFile, html.data));
    beside.push_back(dataFile);
  }
  return std::move(html.page);
}

} // namespace

bool ReportSummary::passed() const {
  return std::ranges::all_of(checks, &Check::passed);
}

Result<ReportSummary> writeReport(const Description& description, const ReportOutput& to,
                                  const base::RunControl& control) {
  SY_TRY(check(to));
  ReportSummary summary;
  summary.checks = description.checks;
  for (const Part& part : description.document.parts) {
    summary.figures += static_cast<std::int64_t>(part.pictures.size());
    for (const auto& [plugin, result] : part.results) {
      summary.figures += static_cast<std::int64_t>(result.figures.size());
      summary.tables += static_cast<std::int64_t>(result.tables.size());
    }
  }
  const bool pdf = to.file.extension() == ".pdf";
  std::vector<fs::path> beside;
  if (pdf || !to.figures.empty()) {
    NativeOutput native;
    if (pdf)
      native.pdf = to.file;
    native.figures = to.figures;
    native.figureFormat = to.figureFormat;
    native.paper = to.paper;
    native.rows = to.rows.value_or(kPdfRows);
    native.studio = to.studio;
    beside = SY_TRY(renderNatively(description, native, control)).files;
  }
  if (!pdf && !to.file.empty()) {
    const std::string text = SY_TRY(render(description, to, beside));
    SY_TRY(base::writeFileAtomically(to.file, text));
    summary.files.push_back(to.file);
  }
  std::ranges::move(beside, std::back_inserter(summary.files));
  return summary;
}

Result<ReportSummary> writeReport(const ReportOptions& options, const base::ThreadContext& threads,
                                  const base::RunControl& control) {
  SY_TRY(check(options.to));
  Description description;
  description.document = SY_TRY(read(options));
  if (options.doctor)
    SY_TRY(TraceDoctor().consult(description.document, threads, control));
  if (!options.thresholds.empty())
    description.checks = SY_TRY(check(description.document, options.thresholds));
  description.reproduce = {commandLine(options)};
  return writeReport(description, options.to, control);
}

} // namespace switchyard::jobs::report
