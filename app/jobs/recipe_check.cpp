#include "app/jobs/recipe_check.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "app/jobs/text.h"
#include "core/base/rng.h"
#include "core/model/config.h"
#include "core/routing/reroute.h"

namespace switchyard::jobs {

namespace {

using base::Result;
using routing::Recipe;

/// What a recipe has to fit.
struct Fit {
  model::ModelConfig config;
  std::vector<routing::LayerFacts> layers; ///< point into config
  std::optional<tokenizer::Tokenizer> tokenizer;
};

Result<std::unique_ptr<Fit>> readFit(const std::filesystem::path& folder) {
  auto fit = std::make_unique<Fit>();
  fit->config = SY_TRY(model::readConfig(folder));
  const routing::GateConfig& gate = fit->config.moe.gate;
  for (int layer = 0; layer < fit->config.layers; ++layer)
    if (fit->config.moeLayer[static_cast<std::size_t>(layer)])
      fit->layers.push_back({base::LayerId(layer),
                             static_cast<int>(fit->layers.size()),
                             fit->config.moeLayers(),
                             gate.experts,
                             gate.k,
                             &gate,
                             {}});
  if (auto tokenizer = loadTokenizer(folder))
    fit->tokenizer = std::move(*tokenizer);
  return fit;
}

bool limitsTokens(const routing::RecipeScope& scope) {
  return !scope.positions.empty() || scope.phase || !scope.tokenClasses.empty() ||
         !scope.tokenIds.empty() || !scope.open.empty();
}

void forgetTexts(routing::RecipeScope& scope) {
  scope.tokenClasses.clear();
  scope.open.clear();
  scope.close.clear();
}

/// The recipe with one enabled step, which keeps its number in messages.
Recipe onlyStep(const Recipe& recipe, std::size_t step) {
  Recipe one = recipe;
  for (std::size_t i = 0; i < one.steps.size(); ++i)
    one.steps[i].enabled = i == step;
  return one;
}

/// A message without the step that it begins with.
std::string withoutStep(const Recipe& recipe, std::size_t step, const base::Error& error) {
  const std::string prefix =
      fmt::format("recipe step {} ({}): ", step + 1, recipe.steps[step].plugin);
  const std::string text = error.describe();
  const std::size_t at = text.find(prefix);
  return at == std::string::npos ? text : text.substr(0, at) + text.substr(at + prefix.size());
}

class Checker {
public:
  Checker(const Recipe& recipe, plugin::Registry& registry, const Fit* fit)
      : m_recipe(recipe), m_registry(registry), m_fit(fit) {}

  std::vector<RecipeFinding> run() {
    bool any = false;
    for (std::size_t i = 0; i < m_recipe.steps.size(); ++i) {
      any = any || m_recipe.steps[i].enabled;
      checkStep(i);
    }
    if (!any)
      m_findings.push_back({RecipeLevel::Warning, 0, "no step is enabled: it changes nothing"});
    const bool sound = std::ranges::none_of(
        m_findings, [](const RecipeFinding& f) { return f.level == RecipeLevel::Error; });
    if (any && sound && m_fit != nullptr)
      checkComposition();
    return std::move(m_findings);
  }

private:
  Result<std::unique_ptr<routing::Policy>> begun(const Recipe& recipe) const {
    const tokenizer::Tokenizer* tokenizer =
        m_fit != nullptr && m_fit->tokenizer ? &*m_fit->tokenizer : nullptr;
    auto policy = SY_TRY(makePolicy(recipe, &m_registry, tokenizer));
    if (m_fit != nullptr)
      SY_TRY(policy->begin(m_fit->layers));
    return policy;
  }

  void checkStep(std::size_t step) {
    Recipe one = onlyStep(m_recipe, step);
    if (m_fit == nullptr)
      forgetTexts(one.steps[step].scope); // needs a tokenizer
    const int number = static_cast<int>(step) + 1;
    const auto policy = begun(one);
    if (!policy)
      m_findings.push_back(
          {m_recipe.steps[step].enabled ? RecipeLevel::Error : RecipeLevel::Warning, number,
           withoutStep(m_recipe, step, policy.error())});
    else if ((*policy)->traits().needsBatch)
      m_findings.push_back({RecipeLevel::Warning, number,
                            "not causal: a token's experts depend on the other tokens of its "
                            "batch, so results depend on how text is cut into batches"});
  }

  /// Whether the steps can follow each other where all of them act.
  void checkComposition() {
    Recipe everywhere = m_recipe;
    bool limited = false;
    for (routing::RecipeStep& step : everywhere.steps) {
      limited = limited || (step.enabled && limitsTokens(step.scope));
      forgetTexts(step.scope);
      step.scope.positions.clear();
      step.scope.phase.reset();
      step.scope.tokenIds.clear();
    }
    const auto tried = tryOut(everywhere);
    if (tried)
      return;
    for (std::size_t i = 0; i < m_recipe.steps.size(); ++i) {
      const std::string message = withoutStep(m_recipe, i, tried.error());
      if (message == tried.error().describe())
        continue;
      m_findings.push_back({limited ? RecipeLevel::Warning : RecipeLevel::Error,
                            static_cast<int>(i) + 1,
                            (limited ? "where the scopes of the steps meet: " : "") + message});
      return;
    }
    m_findings.push_back({RecipeLevel::Error, 0, tried.error().describe()});
  }

  Result<void> tryOut(const Recipe& recipe) const {
    constexpr std::int64_t kTokens = 16;
    const auto policy = SY_TRY(begun(recipe));
    for (const routing::LayerFacts& layer : m_fit->layers) {
      base::Rng rng(0, static_cast<std::uint64_t>(layer.moeLayer));
      std::vector<float> logits(static_cast<std::size_t>(kTokens * layer.experts));
      for (float& logit : logits)
        logit = static_cast<float>(rng.nextNormal());
      std::vector<routing::TokenFacts> tokens;
      for (std::int64_t t = 0; t < kTokens; ++t) // the last ids: tables that are too short show
        tokens.push_back({base::SequenceId(0), base::TokenPos(t),
                          base::TokenId(std::max(0, m_fit->config.vocabulary - 1 -
                                                        static_cast<std::int32_t>(t))),
                          t >= kTokens / 2});
      const std::vector<float> input(static_cast<std::size_t>(kTokens * m_fit->config.hidden));
      routing::RoutingBatch batch;
      batch.layer = layer;
      batch.tokens = tokens;
      batch.modelLogits = logits;
      batch.input = input;
      batch.hidden = m_fit->config.hidden;
      if (layer.moeLayer > 0)
        batch.previousLogits = logits;
      routing::RoutingDraft draft;
      SY_TRY(routing::startDraft(batch, draft));
      SY_TRY(policy->apply(batch, draft));
    }
    return {};
  }

  const Recipe& m_recipe;
  plugin::Registry& m_registry;
  const Fit* m_fit;
  std::vector<RecipeFinding> m_findings;
};

} // namespace

Result<std::vector<RecipeFinding>> checkRecipe(const routing::Recipe& recipe,
                                               plugin::Registry& registry,
                                               const std::filesystem::path& model) {
  std::unique_ptr<Fit> fit;
  if (!model.empty())
    fit = SY_TRY(readFit(model));
  return Checker(recipe, registry, fit.get()).run();
}

} // namespace switchyard::jobs
