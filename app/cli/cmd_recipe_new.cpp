#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/plugin_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/option_json.h"
#include "app/jobs/recipe_check.h"
#include "app/jobs/recipe_controls.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::cli {

namespace {

using base::Result;
using nlohmann::json;

/// A verb beside those of the steps.
constexpr const char* kControl = "random-control";

/// Where a new recipe goes, and what it is called.
struct Output {
  std::string name, description, out;
  bool overwrite = false;
};

void addOutput(CLI::App* verb, Output& output) {
  verb->add_option("--out", output.out, "Recipe to write; default: standard output");
  verb->add_flag("--overwrite", output.overwrite, "Replace an existing file");
  verb->add_option("--name", output.name, "Name of the recipe");
  verb->add_option("--description", output.description, "What it is for");
}

Result<int> write(routing::Recipe recipe, const Output& output, plugin::Registry& registry) {
  if (!output.name.empty())
    recipe.name = output.name;
  if (!output.description.empty())
    recipe.description = output.description;
  for (const jobs::RecipeFinding& finding : SY_TRY(jobs::checkRecipe(recipe, registry)))
    if (finding.level == jobs::RecipeLevel::Error)
      return base::fail(base::ErrorCode::InvalidArgument, finding.message);
  if (output.out.empty()) {
    fmt::print("{}", routing::toJson(recipe));
    return kOk;
  }
  if (!output.overwrite && std::filesystem::exists(output.out))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "this file exists; choose another name, or replace it with --overwrite",
                      {.file = output.out});
  SY_TRY(base::writeFileAtomically(output.out, routing::toJson(recipe)));
  return kOk;
}

/// The scope as given on the command line; the recipe's own parser checks it.
struct ScopeFlags {
  std::vector<std::int64_t> layers, tokenIds;
  std::vector<std::string> positions, classes, among, inside;
  std::string phase;
};

void addScope(CLI::App* verb, ScopeFlags& scope) {
  const auto add = [verb](const char* name, auto& values, const char* help) {
    return verb->add_option(name, values, help)->group("Where the step acts (default: everywhere)");
  };
  add("--layers", scope.layers, "Positions in the stack: 3,7")->delimiter(',');
  add("--positions", scope.positions, "Token positions FIRST:END, end left out; 64: has no end")
      ->delimiter(',');
  add("--phase", scope.phase, "prompt or generated");
  add("--token-classes", scope.classes,
      "digits, letters, uppercase, punctuation, whitespace, newline, special")
      ->delimiter(',');
  add("--token-ids", scope.tokenIds, "Token ids: 5,9")->delimiter(',');
  add("--inside", scope.inside, "Between two marker texts: --inside '<think>' '</think>'")
      ->expected(2);
  add("--among", scope.among, "A step that chooses may choose among these experts only: 17,3:17")
      ->delimiter(',');
}

/// "16:64" -> [16, 64], "64:" -> [64, null].
Result<json> position(const std::string& text) {
  const auto number = [](std::string_view part) -> json {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size())
      return "bad";
    return value;
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("--positions {}: write FIRST:END, as in 0:16 or 64:", text));
  const std::string_view view = text;
  const std::string_view end = view.substr(colon + 1);
  return json::array({number(view.substr(0, colon)), end.empty() ? json() : number(end)});
}

Result<json> toJson(const ScopeFlags& flags) {
  json scope = json::object();
  if (!flags.layers.empty())
    scope["layers"] = flags.layers;
  for (const std::string& text : flags.positions)
    scope["positions"].push_back(SY_TRY(position(text)));
  if (!flags.phase.empty())
    scope["phase"] = flags.phase;
  if (!flags.classes.empty())
    scope["token-classes"] = flags.classes;
  if (!flags.tokenIds.empty())
    scope["token-ids"] = flags.tokenIds;
  if (flags.inside.size() == 2)
    scope["inside"] = {{"open", flags.inside[0]}, {"close", flags.inside[1]}};
  if (!flags.among.empty())
    scope["experts"] = flags.among;
  return scope;
}

struct StepOptions {
  plugin::Manifest manifest;
  OptionFlags flags;
  ScopeFlags scope;
  Output output;
  std::string after, from;
};

/// The experts that the steps of a recipe name, as values of a flag.
Result<std::string> expertsOf(const std::string& path) {
  const routing::Recipe recipe = SY_TRY(jobs::readRecipe(path));
  std::vector<routing::ExpertRef> all;
  for (const routing::RecipeStep& step : recipe.steps) {
    const routing::RecipeStep merged = SY_TRY(routing::mergeExperts(step));
    const json options = SY_TRY(base::parseJson(merged.options, {}, {}));
    routing::OptionReader reader(step.plugin, options);
    for (const routing::ExpertRef& ref : SY_TRY(reader.experts("experts")))
      if (std::ranges::find(all, ref) == all.end())
        all.push_back(ref);
  }
  if (all.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "this recipe names no expert",
                      {.file = path});
  std::string text;
  for (const routing::ExpertRef& ref : all) {
    text += text.empty() ? "" : ",";
    text += ref.layer ? fmt::format("{}:{}", *ref.layer, ref.expert) : fmt::to_string(ref.expert);
  }
  return text;
}

Result<int> newStep(const StepOptions& options, plugin::Registry& registry) {
  const std::string name = options.manifest.shortName();
  plugin::OptionArguments arguments = options.flags.arguments();
  if (!options.from.empty())
    arguments.emplace_back("experts", SY_TRY(expertsOf(options.from)));
  const plugin::OptionValues values =
      SY_TRY(plugin::parseOptions(options.manifest.options, arguments, name));
  json step = {{"plugin", name}, {"options", jobs::givenOptions(values)}};
  if (json scope = SY_TRY(toJson(options.scope)); !scope.empty())
    step["scope"] = std::move(scope);
  routing::Recipe recipe;
  if (!options.after.empty())
    recipe = SY_TRY(jobs::readRecipe(options.after));
  const json one = {{"steps", json::array({step})}};
  routing::Recipe parsed = SY_TRY(routing::parseRecipe(one.dump(), {.file = "the new step"}));
  recipe.steps.push_back(std::move(parsed.steps.front()));
  return write(std::move(recipe), options.output, registry);
}

void addStep(VerbSet& verbs, CLI::App* parent, const plugin::Manifest& manifest) {
  const std::string name = manifest.shortName();
  if (name == kControl)
    return;
  auto options = std::make_shared<StepOptions>();
  options->manifest = manifest;
  CLI::App* verb = verbs.add(
      name, manifest.summary,
      fmt::format("  switchyard recipe new {0} --help\n"
                  "  switchyard recipe new {0} --layers 3,7 --phase generated --out r.json\n"
                  "  switchyard recipe new {0} --after first.json --out both.json",
                  name),
      parent);
  addOutput(verb, options->output);
  verb->add_option("--after", options->after, "Recipe whose steps come first");
  const bool hasExperts = std::ranges::find(manifest.options, "experts",
                                            &plugin::OptionSpec::name) != manifest.options.end();
  if (hasExperts)
    verb->add_option("--from", options->from,
                     "Take the experts that this recipe names (npmi-steer.json of an analysis)");
  addScope(verb, options->scope);
  options->flags.add(verb, manifest, "", "Options of " + name);
  verbs.body(verb, [options, registry = verbs.registry()](const Run&) {
    return newStep(*options, *registry);
  });
}

struct ControlOptions {
  CommonOptions common;
  Output output;
  std::string like, trace, analysis;
  std::uint64_t seed = 0;
};

Result<int> newControl(const ControlOptions& options, plugin::Registry& registry, const Run& run) {
  SY_TRY(checkThreads(options.common));
  if (options.trace.empty() == options.analysis.empty())
    return base::fail(base::ErrorCode::InvalidArgument,
                      "a matched control needs to know how often experts are selected: give "
                      "--trace or --analysis, one of the two");
  const routing::Recipe like = SY_TRY(jobs::readRecipe(options.like));
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("count", !options.common.quiet);
  const jobs::ExpertLoads loads =
      SY_TRY(options.analysis.empty()
                 ? jobs::loadsOfTrace(options.trace, threads, {bar.callback(), run.stop})
                 : jobs::loadsOfAnalysis(options.analysis));
  bar.clear();
  return write(SY_TRY(jobs::randomControl(like, loads, options.seed)), options.output, registry);
}

void addControl(VerbSet& verbs, CLI::App* parent) {
  auto options = std::make_shared<ControlOptions>();
  CLI::App* verb = verbs.add(
      kControl, "The same recipe with random experts that are selected about as often",
      "  switchyard recipe new random-control --like npmi-steer.json --trace run.swy --seed 1 "
      "--out control.json\n"
      "  switchyard recipe new random-control --like r.json --analysis results/analysis.json",
      parent);
  verb->add_option("--like", options->like, "The recipe to be controlled")->required();
  verb->add_option("--trace", options->trace, "Trace to count selections in");
  verb->add_option("--analysis", options->analysis,
                   "analysis.json with a result of 'load', instead of a trace");
  verb->add_option("--seed", options->seed, "Of the draw")->capture_default_str();
  addOutput(verb, options->output);
  addThreads(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options, registry = verbs.registry()](const Run& run) {
    return newControl(*options, *registry, run);
  });
}

} // namespace

void addRecipeNew(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add(
      "new", "Write a recipe from a step and its options",
      "  switchyard recipe new ban --experts 5:19,3:7 --out ban.json\n"
      "  switchyard recipe new boost --from npmi-steer.json --multiplier 8 --out boost.json\n"
      "  switchyard recipe new top-k --k 2 --layers 3,4 --after ban.json --out both.json\n"
      "  switchyard recipe new random-control --like boost.json --trace run.swy --seed 1",
      parent);
  verb->require_subcommand(1);
  addControl(verbs, verb);
  for (const plugin::Manifest& manifest : usablePlugins(*verbs.registry(), {plugin::Kind::Router}))
    addStep(verbs, verb, manifest);
}

} // namespace switchyard::cli
