#include <algorithm>
#include <cmath>

#include "core/routing/gate_steps.h"
#include "core/routing/policies/expert_list.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

namespace {

enum class BoostWhere : std::size_t { PostNorm, PreNorm, Logit };

class BoostPolicy final : public StepPolicy<BoostPolicy> {
public:
  BoostPolicy(std::string_view id, ExpertList experts, float multiplier, BoostWhere where)
      : m_id(id), m_experts(std::move(experts)), m_multiplier(multiplier), m_where(where) {}

  std::string_view id() const override { return m_id; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    return m_experts.resolve(m_id, layers);
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const auto experts = m_experts.at(batch.layer);
    if (experts.empty() || m_multiplier == 1.0f)
      return Edit::None;
    if (m_where == BoostWhere::Logit) {
      const float shift = std::log(m_multiplier);
      const auto width = static_cast<std::size_t>(batch.layer.experts);
      for (std::size_t row = 0; row < batch.tokens.size(); ++row)
        for (const std::int32_t id : experts)
          draft.logits[row * width + static_cast<std::size_t>(id)] += shift;
      return Edit::Scores;
    }
    Assignment& assignment = draft.assignment;
    if (m_where == BoostWhere::PreNorm && assignment.rawWeights.empty() && !batch.tokens.empty())
      return base::fail(
          base::ErrorCode::Unsupported,
          "step '" + std::string(m_id) +
              "': an earlier step set gate weights itself, so there is nothing before "
              "the norm; put this step before it, or use where = post-norm",
          {.layer = batch.layer.layer});
    for (std::size_t row = 0; row < batch.tokens.size(); ++row)
      boostRow(experts, *batch.layer.gate, row, assignment);
    if (m_where == BoostWhere::PostNorm)
      assignment.rawWeights.clear(); // the weights no longer follow from them
    return Edit::Selection;
  }

private:
  void boostRow(std::span<const std::int32_t> experts, const GateConfig& gate, std::size_t row,
                Assignment& assignment) const {
    const std::size_t begin = row * static_cast<std::size_t>(assignment.maxK);
    const auto count = static_cast<std::size_t>(assignment.counts[row]);
    std::vector<float>& edited =
        m_where == BoostWhere::PreNorm ? assignment.rawWeights : assignment.weights;
    bool hit = false;
    for (std::size_t slot = begin; slot < begin + count; ++slot)
      if (std::ranges::binary_search(experts, assignment.ids[slot])) {
        edited[slot] *= m_multiplier;
        hit = true;
      }
    if (!hit || m_where == BoostWhere::PostNorm)
      return;
    const auto weights = std::span(assignment.weights).subspan(begin, count);
    std::ranges::copy(std::span(edited).subspan(begin, count), weights.begin());
    GateConfig rule = gate;
    if (gate.score == Score::SoftmaxSelected) {
      rule.renorm = Renorm::Sum; // its k weights sum to 1 by the softmax; they do again
      rule.renormEps = 0.0f;
    }
    const bool nothingLeft =
        rule.renorm == Renorm::Sum && rule.renormEps == 0.0f &&
        std::ranges::all_of(weights, [](float weight) { return weight == 0.0f; });
    if (!nothingLeft)
      normaliseWeights(rule, weights);
  }

  std::string_view m_id;
  ExpertList m_experts;
  float m_multiplier;
  BoostWhere m_where;
};

StepResult make(std::string_view id, OptionReader& options, std::optional<double> fallback) {
  auto experts = SY_TRY(options.experts("experts"));
  const double multiplier = SY_TRY(options.number("multiplier", 0.0, 1e6, fallback));
  const auto where =
      static_cast<BoostWhere>(SY_TRY(options.choice("where", {"post-norm", "pre-norm", "logit"})));
  if (experts.empty())
    return options.refuse("experts", "names no expert");
  if (where == BoostWhere::Logit && multiplier == 0.0)
    return options.refuse("multiplier", "is 0, which has no logarithm; use the step 'ban'");
  return std::make_unique<BoostPolicy>(id, ExpertList(std::move(experts)),
                                       static_cast<float>(multiplier), where);
}

} // namespace

StepResult makeBoost(OptionReader& options) {
  return make("boost", options, std::nullopt);
}

StepResult makeNpmiSteer(OptionReader& options) {
  return make("npmi-steer", options, 64.0);
}

} // namespace switchyard::routing
