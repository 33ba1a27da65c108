#include "app/jobs/write_analysis.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/csv.h"
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

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

} // namespace

std::string toJson(const Analysis& analysis) {
  std::string json = fmt::format("{{\"program\":{},\"command\":{},\"trace\":{},\"notices\":{},",
                                 quoted("switchyard " + std::string(base::version())),
                                 quoted(analysis.command), quoted(analysis.traceId),
                                 nlohmann::json(analysis.notices).dump());
  json += "\"results\":{";
  for (std::size_t i = 0; i < analysis.results.size(); ++i)
    json += fmt::format("{}\n{}:{}", i > 0 ? "," : "", quoted(analysis.ids[i]),
                        analyzers::report::toJson(analysis.results[i]));
  return json + "\n}}\n";
}

base::Result<std::vector<std::filesystem::path>>
writeAnalysis(const Analysis& analysis, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  std::vector<std::filesystem::path> written;
  const auto write = [&](const std::string& name, const std::string& content) {
    written.push_back(folder / name);
    return base::writeFileAtomically(written.back(), content);
  };
  for (std::size_t i = 0; i < analysis.results.size(); ++i) {
    const std::string& id = analysis.ids[i];
    for (const trace::Table& table : analysis.results[i].tables)
      SY_TRY(write(fileName(id, table.name) + ".csv", analyzers::report::toCsv(table)));
    for (const trace::Figure& figure : analysis.results[i].figures)
      SY_TRY(write(fileName(id, figure.name) + ".svg", analyzers::report::toSvg(figure)));
    if (const std::string recipe = steeringRecipe(analysis.results[i]); !recipe.empty())
      SY_TRY(write("npmi-steer.json", recipe));
  }
  SY_TRY(write("analysis.json", toJson(analysis)));
  return written;
}

} // namespace switchyard::jobs
