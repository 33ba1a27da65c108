#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "app/jobs/recipe_check.h"
#include "app/jobs/recipe_text.h"

namespace switchyard::cli {

namespace {

using base::Result;
using nlohmann::json;

struct Options {
  CommonOptions common;
  std::string recipe, other, model;
};

const char* name(jobs::RecipeLevel level) {
  return level == jobs::RecipeLevel::Error ? "error" : "warning";
}

Result<int> check(const Options& options, plugin::Registry& registry) {
  const routing::Recipe recipe = SY_TRY(jobs::readRecipe(options.recipe));
  const auto findings = SY_TRY(jobs::checkRecipe(recipe, registry, options.model));
  const bool sound = std::ranges::none_of(findings, [](const jobs::RecipeFinding& finding) {
    return finding.level == jobs::RecipeLevel::Error;
  });
  if (options.common.json) {
    json list = json::array();
    for (const jobs::RecipeFinding& finding : findings)
      list.push_back({{"level", name(finding.level)},
                      {"step", finding.step > 0 ? json(finding.step) : json()},
                      {"message", finding.message}});
    fmt::print("{}\n", json{{"recipe", options.recipe}, {"ok", sound}, {"findings", list}}.dump(2));
    return sound ? kOk : kCheckFailed;
  }
  for (const jobs::RecipeFinding& finding : findings)
    fmt::print("{}: {}{}\n", name(finding.level),
               finding.step > 0
                   ? fmt::format("step {} ({}): ", finding.step,
                                 recipe.steps[static_cast<std::size_t>(finding.step) - 1].plugin)
                   : "",
               finding.message);
  if (sound && !options.common.quiet)
    fmt::print("good: {} step{}{}\n", recipe.steps.size(), recipe.steps.size() == 1 ? "" : "s",
               options.model.empty() ? "" : ", fits " + options.model);
  return sound ? kOk : kCheckFailed;
}

Result<int> diff(const Options& options) {
  const routing::Recipe before = SY_TRY(jobs::readRecipe(options.recipe));
  const routing::Recipe after = SY_TRY(jobs::readRecipe(options.other));
  const std::vector<std::string> lines = routing::diffRecipes(before, after);
  if (!options.common.json) {
    for (const std::string& line : lines)
      fmt::print("{}\n", line);
    return kOk;
  }
  json changes = json::array();
  for (const std::string& line : lines)
    changes.push_back({{"change", line[0] == '-'   ? "removed"
                                  : line[0] == '+' ? "added"
                                                   : "changed"},
                       {"what", line.substr(2)}});
  fmt::print("{}\n", json{{"same", lines.empty()}, {"changes", changes}}.dump(2));
  return kOk;
}

Result<int> show(const Options& options, const plugin::Registry& registry) {
  const routing::Recipe recipe = SY_TRY(jobs::readRecipe(options.recipe));
  json steps = json::array();
  std::string text;
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    const routing::RecipeStep& step = recipe.steps[i];
    const jobs::ResolvedStep resolved = SY_TRY(jobs::resolveStep(step, registry));
    const std::string does = jobs::describeStep(resolved);
    const std::string where = jobs::describeScope(resolved.scope);
    steps.push_back({{"plugin", resolved.manifest.id},
                     {"version", resolved.manifest.version},
                     {"enabled", step.enabled},
                     {"does", does},
                     {"where", where}});
    text +=
        fmt::format("{}. {} {}{}\n   {}\n   {}\n", i + 1, step.plugin, resolved.manifest.version,
                    step.enabled ? "" : " (not enabled)", does, where);
  }
  if (options.common.json) {
    fmt::print(
        "{}\n",
        json{{"name", recipe.name}, {"description", recipe.description}, {"steps", steps}}.dump(2));
    return kOk;
  }
  if (!recipe.name.empty())
    fmt::print("{}\n", recipe.name);
  if (!recipe.description.empty())
    fmt::print("{}\n", recipe.description);
  fmt::print("{}", text.empty() ? "No step: the model's own routing.\n" : text);
  return kOk;
}

} // namespace

void addRecipe(VerbSet& verbs) {
  CLI::App* parent =
      verbs.add("recipe", "Write, check, compare and explain routing recipes",
                "  switchyard recipe new ban --experts 5:19,3:7 --out ban.json\n"
                "  switchyard recipe check ban.json --model data/demo-model\n"
                "  switchyard recipe show ban.json\n"
                "  switchyard generate data/demo-model --prompt 'Q: 6*7=? A:' --recipe ban.json");
  parent->require_subcommand(1);
  addRecipeNew(verbs, parent);

  auto options = std::make_shared<Options>();
  const auto file = [options](CLI::App* verb) {
    verb->add_option("recipe", options->recipe, "A recipe (JSON)")->required();
    addJson(verb, options->common);
  };
  CLI::App* checkVerb =
      verbs.add("check", "Whether a recipe can run, and on this model",
                "  switchyard recipe check r.json\n"
                "  switchyard recipe check r.json --model data/demo-model --json\n"
                "\n"
                "Exit code 3 if a step cannot run.",
                parent);
  file(checkVerb);
  checkVerb->add_option("--model", options->model,
                        "Checkpoint folder that it is to fit; only config and tokenizer are read");
  addQuiet(checkVerb, options->common);
  verbs.body(checkVerb, [options, registry = verbs.registry()](const Run&) {
    return check(*options, *registry);
  });

  CLI::App* diffVerb = verbs.add("diff", "How one recipe differs from another",
                                 "  switchyard recipe diff before.json after.json\n"
                                 "  switchyard recipe diff before.json after.json --json",
                                 parent);
  file(diffVerb);
  diffVerb->add_option("after", options->other, "The recipe that it is compared with")->required();
  verbs.body(diffVerb, [options](const Run&) { return diff(*options); });

  CLI::App* showVerb = verbs.add("show", "What a recipe does, in plain sentences",
                                 "  switchyard recipe show r.json\n"
                                 "  switchyard recipe show r.json --json",
                                 parent);
  file(showVerb);
  verbs.body(showVerb, [options, registry = verbs.registry()](const Run&) {
    return show(*options, *registry);
  });
}

} // namespace switchyard::cli
