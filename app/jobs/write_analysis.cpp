#include "app/jobs/write_analysis.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/csv.h"
#include "analyzers/report/encoding.h"
#include "analyzers/report/json.h"
#include "analyzers/report/svg.h"
#include "app/jobs/markers.h"
#include "core/base/file.h"
#include "core/base/version.h"

namespace switchyard::jobs {

namespace {

/// "load_layers" of plugin "load" stays; "labels" of "specialization" is "specialization_labels".
std::string fileName(std::string plugin, const std::string& part) {
  std::ranges::replace(plugin, '-', '_');
  return part.starts_with(plugin) ? part : fmt::format("{}_{}", plugin, part);
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

} // namespace

std::string toJson(const Analysis& analysis) {
  std::string json =
      fmt::format("{{\"program\":{},\"command\":{},\"trace\":{},\"trace_file\":{},\"notices\":{},",
                  quoted(analysis.program.empty() ? "switchyard " + std::string(base::version())
                                                  : analysis.program),
                  quoted(analysis.command), quoted(analysis.traceId),
                  quoted(analyzers::report::validUtf8(analysis.traceFile)),
                  nlohmann::json(analysis.notices).dump());
  if (!analysis.title.empty())
    json += fmt::format("\"title\":{},\"question\":{},\"notes\":{},", quoted(analysis.title),
                        quoted(analysis.question), nlohmann::json(analysis.notes).dump());
  json += "\"results\":{";
  for (std::size_t i = 0; i < analysis.results.size(); ++i)
    json += fmt::format("{}\n{}:{}", i > 0 ? "," : "", quoted(analysis.ids[i]),
                        analyzers::report::toJson(analysis.results[i]));
  return json + "\n}}\n";
}

base::Result<std::vector<std::filesystem::path>> writeFiles(const std::vector<FileToWrite>& files,
                                                            const std::filesystem::path& folder,
                                                            const base::ThreadContext& threads) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  std::vector<base::Result<void>> written(files.size());
  threads.parallelFor(static_cast<std::int64_t>(files.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    written[at] = base::writeFileAtomically(folder / files[at].name, files[at].content());
  });
  for (const base::Result<void>& each : written)
    SY_TRY(each);
  std::vector<std::filesystem::path> paths;
  for (const FileToWrite& file : files)
    paths.push_back(folder / file.name);
  return paths;
}

void addFiles(const std::string& id, const trace::AnalysisResult& result,
              std::vector<FileToWrite>& files) {
  for (const trace::Table& table : result.tables)
    files.push_back(
        {fileName(id, table.name) + ".csv", [&] { return analyzers::report::toCsv(table); }});
  for (const trace::Figure& figure : result.figures)
    files.push_back(
        {fileName(id, figure.name) + ".svg", [&] { return analyzers::report::toSvg(figure); }});
}

base::Result<std::vector<std::filesystem::path>> writeAnalysis(const Analysis& analysis,
                                                               const std::filesystem::path& folder,
                                                               const base::ThreadContext& threads) {
  std::vector<FileToWrite> files;
  for (std::size_t i = 0; i < analysis.results.size(); ++i) {
    addFiles(analysis.ids[i], analysis.results[i], files);
    if (std::string recipe = steeringRecipe(analysis.results[i]); !recipe.empty())
      files.push_back({"npmi-steer.json", [recipe = std::move(recipe)] { return recipe; }});
  }
  files.push_back({"analysis.json", [&] { return toJson(analysis); }});
  return writeFiles(files, folder, threads);
}

} // namespace switchyard::jobs
