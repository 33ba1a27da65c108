#include "app/jobs/read_analysis.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/read_json.h"
#include "app/jobs/experiment/bundle.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

constexpr std::uint64_t kMaxBytes = 1ull << 30;

} // namespace

base::Result<Analysis> parseAnalysis(const nlohmann::json& json, const base::Where& where) {
  const auto wrong = [&](const std::string& what) {
    return base::fail(base::ErrorCode::InvalidFormat, what, where);
  };
  const bool several = json.is_object() && json.contains("results") && json["results"].is_object();
  if (!several && !(json.is_object() && json.contains("result")))
    return wrong("no results are in it; give a folder that a verb wrote with --out, or the .json "
                 "file in it");
  Analysis analysis;
  try {
    analysis.program = json.at("program").get<std::string>();
    analysis.command = json.at("command").get<std::string>();
    if (several) {
      analysis.traceId = json.at("trace").get<std::string>();
      analysis.traceFile = json.value("trace_file", std::string()); // older files have none
      analysis.notices = json.at("notices").get<std::vector<std::string>>();
      analysis.title = json.value("title", std::string());
      analysis.question = json.value("question", std::string());
      analysis.notes = json.value("notes", std::vector<std::string>());
    }
  } catch (const nlohmann::json::exception& exception) {
    return wrong(fmt::format("not a result of Switchyard: {}", exception.what()));
  }
  if (!several) {
    analysis.results.push_back(SY_TRY(analyzers::report::resultFromJson(json["result"], where)));
    analysis.ids.push_back(analysis.results.front().provenance.analyzer);
    return analysis;
  }
  for (const auto& [id, result] : json["results"].items()) {
    analysis.ids.push_back(id);
    analysis.results.push_back(SY_TRY(analyzers::report::resultFromJson(result, where)));
  }
  if (analysis.ids.empty())
    return wrong("it holds no result");
  return analysis;
}

base::Result<Analysis> readAnalysis(const std::filesystem::path& given) {
  if (const auto name = experiment::resultsName(given))
    return experiment::readResults(*name);
  std::filesystem::path path = given;
  std::error_code ignored;
  if (std::filesystem::is_directory(given, ignored))
    for (const char* name :
         {"steering.json", "evaluation.json", "analysis.json", "summary/analysis.json"})
      if (path = given / name; std::filesystem::exists(path, ignored))
        break;
  const std::string text = SY_TRY(base::readTextFile(path, kMaxBytes));
  const base::Where where{.file = path.string(), .tensor = {}, .layer = {}, .token = {}};
  const nlohmann::json parsed = SY_TRY(base::parseJson(text, {kMaxBytes, 64}, where));
  return parseAnalysis(parsed, where);
}

} // namespace switchyard::jobs
