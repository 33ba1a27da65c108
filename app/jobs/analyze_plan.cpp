#include "app/jobs/analyze_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/jobs/command_line.h"
#include "app/jobs/machine.h"
#include "app/jobs/markers.h"
#include "app/jobs/text.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using plugin::Kind;

bool hasOption(const AnalysisPlan& plan, std::string_view name) {
  return std::ranges::find(plan.manifest.options, name, &plugin::OptionSpec::name) !=
         plan.manifest.options.end();
}

bool wasGiven(const AnalysisPlan& plan, std::string_view name) {
  return std::ranges::any_of(plan.arguments,
                             [&](const auto& argument) { return argument.first == name; });
}

/// Markers as token ids, for a plugin that looks for markers and was given none.
Result<plugin::OptionArguments> markersFor(const AnalyzeOptions& options,
                                           const trace::TraceMeta& meta) {
  const std::filesystem::path model =
      options.model.empty() ? meta.modelPath : options.model.string();
  auto tokenizer = loadTokenizer(model);
  if (!tokenizer) {
    base::Error error = std::move(tokenizer).error();
    error.message += "; markers are text, so name the traced model's folder with --model";
    return tl::unexpected<base::Error>(std::move(error));
  }
  return markerArguments(options.markers.empty() ? defaultMarkers() : options.markers, *tokenizer);
}

Result<AnalysisPlan> plan(const AnalysisRequest& request, const AnalyzeOptions& options,
                          const trace::TraceMeta& meta, const plugin::Registry& registry) {
  AnalysisPlan plan;
  plan.manifest = SY_TRY(registry.find(request.plugin, std::nullopt));
  if (!plan.manifest.has(Kind::Analyzer) && !plan.manifest.has(Kind::Simulator))
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" is neither an analyzer nor a simulator", request.plugin));
  plan.arguments = request.options;
  if (hasOption(plan, "label") && !wasGiven(plan, "label") && !options.by.empty())
    plan.arguments.emplace_back("label", options.by);
  if (hasOption(plan, "markers") && !wasGiven(plan, "markers"))
    std::ranges::copy(SY_TRY(markersFor(options, meta)), std::back_inserter(plan.arguments));
  // Balance losses and entropies read router logits as the traced gate does.
  if (hasOption(plan, "probabilities") && !wasGiven(plan, "probabilities") &&
      meta.gate == trace::GateKind::Sigmoid)
    plan.arguments.emplace_back("probabilities", "sigmoid");
  plan.values = SY_TRY(
      plugin::parseOptions(plan.manifest.options, plan.arguments, plan.manifest.shortName()));
  return plan;
}

} // namespace

Result<std::vector<AnalysisPlan>> planAnalyses(const AnalyzeOptions& options,
                                               const trace::TraceMeta& meta,
                                               const plugin::Registry& registry) {
  std::vector<AnalysisRequest> requests = options.with;
  if (requests.empty())
    for (const std::string& name : defaultAnalyzers())
      requests.push_back({name});
  std::vector<AnalysisPlan> plans;
  for (const AnalysisRequest& request : requests) {
    plans.push_back(SY_TRY(plan(request, options, meta, registry)));
    const auto same = [&](const AnalysisPlan& other) {
      return other.manifest.id == plans.back().manifest.id;
    };
    if (std::ranges::count_if(plans, same) > 1)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("\"{}\" is named twice", request.plugin));
  }
  return plans;
}

std::string analysisCommand(const AnalyzeOptions& options, const std::vector<AnalysisPlan>& plans) {
  std::vector<std::string> names;
  std::string flags;
  for (const AnalysisPlan& plan : plans) {
    names.push_back(plan.manifest.shortName());
    for (const auto& [option, value] : plan.arguments)
      flags += fmt::format(" --{}.{} {}", names.back(), option, shellQuoted(value));
  }
  std::string line = fmt::format("switchyard analyze {} --with {}{}",
                                 shellQuoted(options.trace.string()), fmt::join(names, ","), flags);
  if (!options.reference.empty())
    line += fmt::format(" --reference {}", shellQuoted(options.reference.string()));
  if (const std::string machine = toJson(options.machine); machine != "{}")
    line += fmt::format(" --machine {}", shellQuoted(machine));
  if (options.stepTokens != 1)
    line += fmt::format(" --step-tokens {}", options.stepTokens);
  line += flagsOf(options.rows);
  return line;
}

} // namespace switchyard::jobs
