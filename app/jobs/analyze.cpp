#include "app/jobs/analyze.h"

#include <functional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/load/load.h"
#include "analyzers/report/csv.h"
#include "analyzers/report/json.h"
#include "analyzers/specialization/specialization.h"
#include "analyzers/transitions/transitions.h"
#include "app/jobs/command_line.h"
#include "core/base/file.h"
#include "core/base/version.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using AnalyzerPtr = std::unique_ptr<trace::Analyzer>;

struct Entry {
  std::string id;
  std::function<AnalyzerPtr(const AnalyzeOptions&, const trace::TraceMeta&)> make;
};

analyzers::Probabilities probabilities(const trace::TraceMeta& meta) {
  return meta.gate == trace::GateKind::Sigmoid ? analyzers::Probabilities::Sigmoid
                                               : analyzers::Probabilities::Softmax;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
      {"load",
       [](const AnalyzeOptions&, const trace::TraceMeta& meta) -> AnalyzerPtr {
         return std::make_unique<analyzers::Load>(
             analyzers::LoadOptions{.probabilities = probabilities(meta)});
       }},
      {"coactivation",
       [](const AnalyzeOptions&, const trace::TraceMeta&) -> AnalyzerPtr {
         return std::make_unique<analyzers::Coactivation>();
       }},
      {"transitions",
       [](const AnalyzeOptions&, const trace::TraceMeta&) -> AnalyzerPtr {
         return std::make_unique<analyzers::Transitions>();
       }},
      {"specialization",
       [](const AnalyzeOptions& options, const trace::TraceMeta&) -> AnalyzerPtr {
         return std::make_unique<analyzers::Specialization>(
             analyzers::SpecializationOptions{.label = options.by});
       }},
  };
  return list;
}

} // namespace

std::vector<std::string> analyzerIds() {
  std::vector<std::string> ids;
  for (const Entry& entry : entries())
    ids.push_back(entry.id);
  return ids;
}

Result<Analysis> analyze(const AnalyzeOptions& options, const base::ThreadContext& threads,
                         const base::RunControl& control) {
  const auto trace = SY_TRY(trace::Trace::open(options.trace));
  Analysis analysis;
  analysis.ids = options.with.empty() ? analyzerIds() : options.with;
  std::vector<AnalyzerPtr> made;
  std::vector<trace::Analyzer*> analyzers;
  for (const std::string& id : analysis.ids) {
    const auto entry = std::ranges::find(entries(), id, &Entry::id);
    if (entry == entries().end())
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("there is no analyzer \"{}\"; choose from {}", id,
                                    fmt::join(analyzerIds(), ", ")));
    if (std::ranges::count(analysis.ids, id) > 1)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("the analyzer \"{}\" is named twice", id));
    made.push_back(entry->make(options, trace->meta()));
    analyzers.push_back(made.back().get());
  }
  const trace::ScanSummary summary =
      SY_TRY(trace::scan(trace, analyzers, threads, {}, control));
  for (const AnalyzerPtr& analyzer : made) {
    trace::AnalysisResult result = SY_TRY(analyzer->result());
    result.provenance.filter = summary.filter;
    analysis.results.push_back(std::move(result));
  }
  analysis.traceId = trace->id();
  analysis.notices = trace->notices();
  analysis.command = fmt::format("switchyard analyze {} --with {} --by {}",
                                 shellQuoted(options.trace.string()),
                                 fmt::join(analysis.ids, ","), shellQuoted(options.by));
  return analysis;
}

Result<std::vector<std::filesystem::path>> writeAnalysis(const Analysis& analysis,
                                                         const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  std::vector<std::filesystem::path> written;
  std::string json = fmt::format("{{\"program\":{},\"command\":{},\"trace\":{},\"notices\":{},\"results\":[",
                                 nlohmann::json("switchyard " + std::string(base::version())).dump(),
                                 nlohmann::json(analysis.command).dump(),
                                 nlohmann::json(analysis.traceId).dump(),
                                 nlohmann::json(analysis.notices).dump());
  for (std::size_t i = 0; i < analysis.results.size(); ++i) {
    const trace::AnalysisResult& result = analysis.results[i];
    json += (i > 0 ? ",\n" : "\n") + analyzers::report::toJson(result);
    for (const trace::Table& table : result.tables) {
      const std::string& id = analysis.ids[i];
      const std::string name =
          table.name.starts_with(id) ? table.name : fmt::format("{}_{}", id, table.name);
      written.push_back(folder / (name + ".csv"));
      SY_TRY(base::writeFileAtomically(written.back(), analyzers::report::toCsv(table)));
    }
  }
  written.push_back(folder / "analysis.json");
  SY_TRY(base::writeFileAtomically(written.back(), json + "\n]}\n"));
  return written;
}

} // namespace switchyard::jobs
