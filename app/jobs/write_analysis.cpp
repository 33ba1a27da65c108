#include "app/jobs/write_analysis.h"

#include <algorithm>
#include <functional>
#include <utility>

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
writeAnalysis(const Analysis& analysis, const std::filesystem::path& folder,
              const base::ThreadContext& threads) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  std::vector<std::filesystem::path> files;
  std::vector<std::function<std::string()>> contents;
  const auto add = [&](const std::string& name, std::function<std::string()> content) {
    files.push_back(folder / name);
    contents.push_back(std::move(content));
  };
  for (std::size_t i = 0; i < analysis.results.size(); ++i) {
    const std::string& id = analysis.ids[i];
    for (const trace::Table& table : analysis.results[i].tables)
      add(fileName(id, table.name) + ".csv", [&] { return analyzers::report::toCsv(table); });
    for (const trace::Figure& figure : analysis.results[i].figures)
      add(fileName(id, figure.name) + ".svg", [&] { return analyzers::report::toSvg(figure); });
    if (std::string recipe = steeringRecipe(analysis.results[i]); !recipe.empty())
      add("npmi-steer.json", [recipe = std::move(recipe)] { return recipe; });
  }
  add("analysis.json", [&] { return toJson(analysis); });
  std::vector<base::Result<void>> written(files.size());
  threads.parallelFor(static_cast<std::int64_t>(files.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    written[at] = base::writeFileAtomically(files[at], contents[at]());
  });
  for (const base::Result<void>& each : written)
    SY_TRY(each);
  return files;
}

} // namespace switchyard::jobs
