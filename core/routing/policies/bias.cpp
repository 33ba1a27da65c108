#include <fmt/format.h>

#include "core/routing/policies/expert_list.h"
#include "core/routing/policies/score_edits.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

base::Result<void> requireChoiceScores(std::string_view step, const LayerFacts& layer) {
  if (layer.gate->score == Score::SparseMixer)
    return base::fail(base::ErrorCode::Unsupported,
                      fmt::format("step '{}': SparseMixer ranks the logits themselves; use where = "
                                  "logit",
                                  step),
                      {.layer = layer.layer});
  return {};
}

class BiasPolicy final : public StepPolicy<BiasPolicy> {
public:
  BiasPolicy(ExpertList experts, std::vector<float> delta, float value, bool atLogit)
      : m_experts(std::move(experts)), m_delta(std::move(delta)), m_value(value),
        m_atLogit(atLogit) {}

  std::string_view id() const override { return "bias"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    SY_TRY(m_experts.resolve(id(), layers));
    for (const LayerFacts& layer : layers) {
      if (!m_delta.empty() && m_delta.size() != static_cast<std::size_t>(layer.experts))
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step 'bias': delta has {} numbers, the layer has {} experts",
                                      m_delta.size(), layer.experts),
                          {.layer = layer.layer});
      if (!m_atLogit)
        SY_TRY(requireChoiceScores(id(), layer));
    }
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const auto experts = m_experts.at(batch.layer);
    if (experts.empty() && m_delta.empty())
      return Edit::None;
    std::vector<float>& scores = m_atLogit ? draft.logits : choiceOffsetsOf(draft);
    const auto width = static_cast<std::size_t>(batch.layer.experts);
    for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
      for (std::size_t e = 0; e < m_delta.size(); ++e)
        scores[row * width + e] += m_delta[e];
      for (const std::int32_t id : experts)
        scores[row * width + static_cast<std::size_t>(id)] += m_value;
    }
    return Edit::Scores;
  }

private:
  ExpertList m_experts;
  std::vector<float> m_delta; ///< [E] instead of experts and value, or empty
  float m_value;
  bool m_atLogit;
};

class BanPolicy final : public StepPolicy<BanPolicy> {
public:
  BanPolicy(ExpertList experts, bool atLogit) : m_experts(std::move(experts)), m_atLogit(atLogit) {}

  std::string_view id() const override { return "ban"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    SY_TRY(m_experts.resolve(id(), layers));
    for (const LayerFacts& layer : layers)
      SY_TRY(requireOpenExpert(id(), layer, m_experts.at(layer).size()));
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const auto experts = m_experts.at(batch.layer);
    if (experts.empty())
      return Edit::None;
    banExperts(batch, experts, m_atLogit, draft);
    return Edit::Scores;
  }

private:
  ExpertList m_experts;
  bool m_atLogit;
};

} // namespace

StepResult makeBias(OptionReader& options) {
  auto experts = SY_TRY(options.experts("experts"));
  auto delta = SY_TRY(options.floats("delta"));
  const std::size_t where = SY_TRY(options.choice("where", {"logit", "choice"}));
  const double value = SY_TRY(options.number("value", -1e6, 1e6, 0.0));
  if (experts.empty() == delta.empty())
    return options.refuse("experts", "and 'delta': exactly one of the two is needed");
  if (!delta.empty() && options.has("value"))
    return options.refuse("value", "goes with 'experts', not with 'delta'");
  if (!experts.empty() && !options.has("value"))
    return options.refuse("value", "is required with 'experts'");
  return std::make_unique<BiasPolicy>(ExpertList(std::move(experts)), std::move(delta),
                                      static_cast<float>(value), where == 0);
}

StepResult makeBan(OptionReader& options) {
  auto experts = SY_TRY(options.experts("experts"));
  const std::size_t where = SY_TRY(options.choice("where", {"logit", "choice"}));
  if (experts.empty())
    return options.refuse("experts", "names no expert");
  return std::make_unique<BanPolicy>(ExpertList(std::move(experts)), where == 0);
}

} // namespace switchyard::routing
