#include "app/jobs/steer/steer.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/json.h"
#include "app/jobs/analyze.h"
#include "app/jobs/capture.h"
#include "app/jobs/command_line.h"
#include "app/jobs/evaluate/write_evaluation.h"
#include "app/jobs/markers.h"
#include "app/jobs/recipe_controls.h"
#include "app/jobs/recipes.h"
#include "app/jobs/steer/curve.h"
#include "app/jobs/write_analysis.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/version.h"

namespace switchyard::jobs::steer {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using std::filesystem::path;

Result<void> check(const Options& options) {
  if (options.controls < 1 || options.controls > 100)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} control sets are outside 1..100", options.controls));
  if (options.multipliers.empty())
    return fail(ErrorCode::InvalidArgument, "there is no multiplier to try");
  for (std::size_t i = 0; i < options.multipliers.size(); ++i) {
    const double m = options.multipliers[i];
    if (!(m > 0 && m <= 1e6) || m == 1)
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("multiplier {} is not above 0, at most 1000000 and other than 1", m));
    if (i > 0 && m <= options.multipliers[i - 1])
      return fail(ErrorCode::InvalidArgument, "multipliers must ascend, each once");
  }
  if (!options.trace.empty() && !options.prompts.empty())
    return fail(ErrorCode::InvalidArgument, "give a trace or prompts, not both");
  return {};
}

bool identifiesByTasks(const Options& options) {
  return options.trace.empty() && options.prompts.empty();
}

/// The prompts of the first tasks, as a prompt set.
Result<path> writePrompts(const Options& options) {
  evaluate::TaskFilter filter = options.evaluation.filter;
  filter.limit = options.identify;
  const evaluate::TaskSet set = SY_TRY(evaluate::readTasks(options.evaluation.tasks, filter,
                                                           chatRenderer(options.evaluation.model)));
  const path file = options.out / "prompts.jsonl";
  SY_TRY(base::writeFileAtomically(
      file, SY_TRY(evaluate::promptRows(set.tasks, options.evaluation.model))));
  return file;
}

/// The trace of marked responses; nothing after a stop request.
Result<path> makeTrace(const Options& options, const base::ThreadContext& threads,
                       const base::RunControl& control, std::vector<std::string>& steps) {
  if (!options.trace.empty())
    return options.trace;
  const path prompts = options.prompts.empty() ? SY_TRY(writePrompts(options)) : options.prompts;
  const evaluate::Settings& settings = options.evaluation.settings;
  const CaptureOptions capture{.model = options.evaluation.model,
                               .prompts = prompts,
                               .filter = options.promptFilter,
                               .out = options.out / "trace.swy",
                               .generate = settings.maxTokens,
                               .resume = true,
                               .addTemplate = settings.addTemplate,
                               .sampler = settings.sampler,
                               .models = options.evaluation.models};
  steps.push_back(fmt::format("switchyard capture {} --prompts {} --generate {} --out {}{}{}",
                              shellQuoted(capture.model.string()), shellQuoted(prompts.string()),
                              settings.maxTokens, shellQuoted(capture.out.string()),
                              settings.addTemplate ? "" : " --no-template",
                              samplerFlags(settings.sampler)));
  const CaptureResult result = SY_TRY(jobs::capture(capture, threads, control));
  if (!result.complete)
    return fail(ErrorCode::Cancelled, "stopped on request");
  return capture.out;
}

Result<trace::AnalysisResult> rank(const Options& options, const path& trace,
                                   const base::ThreadContext& threads,
                                   const base::RunControl& control,
                                   std::vector<std::string>& steps) {
  AnalyzeOptions analyze;
  analyze.trace = trace;
  analyze.with = {{"npmi", options.npmi}};
  analyze.markers = options.markers;
  analyze.model = options.evaluation.model;
  analyze.log = options.evaluation.log;
  Analysis analysis =
      SY_TRY(jobs::analyze(analyze, *options.evaluation.registry, threads, control));
  steps.push_back(analysis.command + " --out " + shellQuoted((options.out / "analysis").string()));
  SY_TRY(writeAnalysis(analysis, options.out / "analysis", threads));
  return std::move(analysis.results.front());
}

/// Experts of a recipe's only step, as "layer:expert".
Result<std::vector<std::string>> expertsOf(const routing::Recipe& recipe) {
  const nlohmann::json options = SY_TRY(base::parseJson(recipe.steps.front().options, {}, {}));
  return options.at("experts").get<std::vector<std::string>>();
}

/// Writes one recipe and makes a variant of the file.
Result<evaluate::Variant> writeRecipe(const Options& options, routing::Recipe recipe,
                                      const std::string& name) {
  recipe.name = name;
  std::string file = name;
  std::ranges::replace(file, ' ', '-');
  const path out = options.out / "recipes" / (file + ".json");
  SY_TRY(base::writeFileAtomically(out, routing::toJson(recipe)));
  return evaluate::recipeVariant(out);
}

struct Recipes {
  std::vector<evaluate::Variant> variants; ///< without the base
  std::vector<Step> steps;                 ///< indices count the base
};

/// Seeds whose control sets differ from each other: as many as were asked for, or all that a
/// bounded search finds (there are few sets where few experts are steered).
Result<std::vector<std::uint64_t>>
controlSeeds(const Options& options, const routing::Recipe& recipe, const ExpertLoads& loads) {
  constexpr std::uint64_t kTriesPerSet = 50;
  std::vector<std::uint64_t> seeds;
  std::set<std::vector<std::string>> sets;
  const auto wanted = static_cast<std::size_t>(options.controls);
  for (std::uint64_t tried = 1; seeds.size() < wanted && tried <= kTriesPerSet * wanted; ++tried) {
    const std::uint64_t seed = options.seed + tried;
    const routing::Recipe control = SY_TRY(randomControl(recipe, loads, seed));
    if (sets.insert(SY_TRY(expertsOf(control))).second)
      seeds.push_back(seed);
  }
  return seeds;
}

Result<routing::Recipe> steeredRecipe(const Options& options, const trace::AnalysisResult& npmi,
                                      double multiplier) {
  const std::string text = steeringRecipe(npmi, multiplier, options.where);
  if (text.empty())
    return fail(ErrorCode::InvalidArgument,
                "nPMI recommends no expert: no marker of positive coefficient has one that is "
                "used often enough with it; see analysis/, give more prompts, or lower "
                "--min-expert and --min-both");
  return routing::parseRecipe(text, {});
}

/// Of each multiplier the steered experts, then each control set; the sets are the same throughout.
Result<Recipes> makeRecipes(const Options& options, const trace::AnalysisResult& npmi,
                            const ExpertLoads& loads, const std::vector<std::uint64_t>& seeds) {
  std::error_code error;
  std::filesystem::create_directories(options.out / "recipes", error);
  Recipes recipes;
  for (const double multiplier : options.multipliers) {
    const routing::Recipe recipe = SY_TRY(steeredRecipe(options, npmi, multiplier));
    Step step;
    step.multiplier = multiplier;
    recipes.variants.push_back(
        SY_TRY(writeRecipe(options, recipe, fmt::format("npmi x{:g}", multiplier))));
    step.steered = recipes.variants.size();
    for (std::size_t c = 0; c < seeds.size(); ++c) {
      const routing::Recipe control = SY_TRY(randomControl(recipe, loads, seeds[c]));
      recipes.variants.push_back(SY_TRY(
          writeRecipe(options, control, fmt::format("control {} x{:g}", c + 1, multiplier))));
      step.controls.push_back(recipes.variants.size());
    }
    recipes.steps.push_back(std::move(step));
  }
  return recipes;
}

/// Rows of the analysis for the experts that were steered, with what stands in for them.
Result<std::vector<SteeredExpert>> steeredExperts(const routing::Recipe& recipe,
                                                  const trace::AnalysisResult& npmi,
                                                  const ExpertLoads& loads,
                                                  const std::vector<std::uint64_t>& seeds) {
  const auto table = std::ranges::find(npmi.tables, "npmi_controls", &trace::Table::name);
  const auto number = [](const trace::Cell& cell) { return std::get<std::int64_t>(cell); };
  std::vector<SteeredExpert> experts;
  for (const auto& row : table->rows)
    if (std::get<std::string>(row[0]) == "recommended")
      experts.push_back({fmt::to_string(number(row[2])),
                         fmt::to_string(number(row[3])),
                         std::get<double>(row[4]),
                         number(row[5]),
                         {}});
  for (std::size_t c = 0; c < seeds.size(); ++c) {
    const routing::Recipe control = SY_TRY(randomControl(recipe, loads, seeds[c]));
    for (const std::string& place : SY_TRY(expertsOf(control))) {
      // A control is of the layer of the expert that it stands in for; of several in one layer the
      // first that has none of this set yet.
      const std::string layer = place.substr(0, place.find(':'));
      const auto expert = std::ranges::find_if(experts, [&](const SteeredExpert& e) {
        return e.layer == layer && e.controls.size() <= c;
      });
      if (expert != experts.end())
        expert->controls.push_back(place.substr(place.find(':') + 1));
    }
  }
  return experts;
}

std::string commandLine(const Options& options) {
  const evaluate::Options& e = options.evaluation;
  std::string line = "switchyard steer " + shellQuoted(e.model.string());
  if (!options.trace.empty())
    line += " --trace " + shellQuoted(options.trace.string());
  else if (!options.prompts.empty())
    line += " --prompts " + shellQuoted(options.prompts.string());
  else
    line += fmt::format(" --identify {}", options.identify);
  for (const std::string& marker : options.markers)
    line += " --marker " + shellQuoted(marker);
  for (const auto& [name, value] : options.npmi)
    line += fmt::format(" --{} {}", name, shellQuoted(value));
  line += fmt::format(" --multipliers {} --where {} --controls {} --control-seed {} --out {}",
                      fmt::join(options.multipliers, ","), options.where, options.controls,
                      options.seed, shellQuoted(options.out.string()));
  return line + evaluate::taskFlags(e);
}

} // namespace

Result<Steering> steer(const Options& given, const base::ThreadContext& threads,
                       const base::RunControl& control) {
  SY_TRY(check(given));
  Options options = given;
  if (!options.evaluation.models) // capture and evaluation run the same one
    options.evaluation.models = std::make_shared<ModelShelf>();
  evaluate::Options evaluation = options.evaluation;
  if (identifiesByTasks(options))
    evaluation.filter.skip += options.identify;
  SY_TRY(evaluate::readTasks(evaluation.tasks, evaluation.filter,
                             chatRenderer(evaluation.model))); // before minutes are spent
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error)
    return fail(ErrorCode::Io, "cannot create the folder: " + error.message(),
                {.file = options.out.string()});
  Steering steering;
  steering.command = commandLine(options);
  const auto trace = makeTrace(options, threads, control, steering.steps);
  if (!trace && trace.error().code == ErrorCode::Cancelled)
    return steering;
  const path tracePath = SY_TRY(trace);
  const trace::AnalysisResult npmi =
      SY_TRY(rank(options, tracePath, threads, control, steering.steps));
  const ExpertLoads loads = SY_TRY(loadsOfTrace(tracePath, threads, control));
  const routing::Recipe like = SY_TRY(steeredRecipe(options, npmi, options.multipliers.front()));
  const std::vector<std::uint64_t> seeds = SY_TRY(controlSeeds(options, like, loads));
  Recipes recipes = SY_TRY(makeRecipes(options, npmi, loads, seeds));

  evaluation.variants = std::move(recipes.variants);
  evaluation.store = options.out / "tasks.eval";
  steering.evaluation = SY_TRY(evaluate::evaluate(evaluation, threads, control));
  steering.steps.push_back(steering.evaluation.command + " --store " +
                           shellQuoted(evaluation.store.string()));
  if (!steering.evaluation.complete)
    return steering;
  SY_TRY(evaluate::writeEvaluation(steering.evaluation, options.out / "evaluation", threads));
  steering.complete = true;
  evaluate::TestOptions tests = evaluation.tests;
  tests.threads = &threads;
  const std::vector<SteeredExpert> experts = SY_TRY(steeredExperts(like, npmi, loads, seeds));
  steering.result = SY_TRY(
      describeCurve(steering.evaluation.measured, recipes.steps, experts, tests, evaluation.alpha));
  trace::Provenance provenance = steering.evaluation.result.provenance;
  provenance.analyzer = steering.result.provenance.analyzer;
  provenance.formula = steering.result.provenance.formula;
  steering.result.provenance = std::move(provenance);
  if (seeds.size() < static_cast<std::size_t>(options.controls))
    steering.result.warnings.push_back(fmt::format(
        "only {} different sets of random experts were found near in load, {} were asked for",
        seeds.size(), options.controls));
  std::ranges::copy(npmi.warnings, std::back_inserter(steering.result.warnings));
  std::ranges::copy(steering.evaluation.result.warnings,
                    std::back_inserter(steering.result.warnings));
  std::vector<FileToWrite> files;
  addFiles("steer", steering.result, files);
  files.push_back({"steering.json", [&] { return toJson(steering); }});
  SY_TRY(writeFiles(files, options.out, threads));
  return steering;
}

std::string toJson(const Steering& steering) {
  return fmt::format("{{\"program\":{},\"command\":{},\"steps\":{},\n\"result\":{},\n{}}}\n",
                     nlohmann::json("switchyard " + std::string(base::version())).dump(),
                     nlohmann::json(steering.command).dump(), nlohmann::json(steering.steps).dump(),
                     analyzers::report::toJson(steering.result),
                     evaluate::machineJson(steering.evaluation));
}

} // namespace switchyard::jobs::steer
