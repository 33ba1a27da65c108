#include <utility>

#include <fmt/format.h>

#include "core/routing/gate_steps.h"
#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

namespace {

class RankPolicy final : public StepPolicy<RankPolicy> {
public:
  RankPolicy(int rank, std::optional<bool> renorm) : m_rank(rank), m_renorm(renorm) {}

  std::string_view id() const override { return "rank-r"; }
  int maxK(const LayerFacts&) const override { return 1; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    for (const LayerFacts& layer : layers) {
      const GateConfig& gate = *layer.gate;
      const int most = gate.groupScore == GroupScore::None
                           ? layer.experts
                           : gate.groupsKept * (gate.experts / gate.groups);
      if (m_rank > most)
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step 'rank-r': rank is {}, this layer's rule ranks {} "
                                      "experts",
                                      m_rank, most),
                          {.layer = layer.layer});
      if (layer.k == 1 && m_rank == 1)
        return base::fail(
            base::ErrorCode::Unsupported,
            "step 'rank-r': this layer has k = 1, so rank 1 is the model's own routing "
            "and gives no weaker pass; use rank 2",
            {.layer = layer.layer});
    }
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    GateConfig gate = *batch.layer.gate;
    if (gate.score == Score::SparseMixer)
      gate.score = Score::SoftmaxAll; // its masked softmaxes rank like the logits
    LayerFacts layer = batch.layer;
    layer.gate = &gate;
    SY_TRY(reroute(layer, batch.tokens, {.k = m_rank}, draft));

    std::swap(m_ranked, draft.assignment);
    const bool renorm = m_renorm.value_or(renormalises(*batch.layer.gate));
    const auto experts = static_cast<std::size_t>(layer.experts);
    m_scores.resize(experts);
    draft.assignment.reset(static_cast<std::int64_t>(batch.tokens.size()), 1);
    for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
      const std::int32_t id = m_ranked.idsOf(static_cast<std::int64_t>(row)).back();
      float weight = 1.0f;
      if (!renorm) {
        scoreRow(gate, std::span<const float>(draft.logits).subspan(row * experts, experts),
                 m_scores);
        weight = m_scores[static_cast<std::size_t>(id)];
      }
      draft.assignment.push(static_cast<std::int64_t>(row), id, weight * gate.scale);
    }
    return Edit::Selection;
  }

private:
  int m_rank;
  std::optional<bool> m_renorm;
  // Of one call, kept so that a token loop does not allocate.
  Assignment m_ranked;
  std::vector<float> m_scores; ///< [E]
};

} // namespace

StepResult makeRankR(OptionReader& options) {
  const std::int64_t rank = SY_TRY(options.integer("rank", 1, 1 << 16));
  const std::optional<bool> renorm = SY_TRY(options.flag("renorm"));
  return std::make_unique<RankPolicy>(static_cast<int>(rank), renorm);
}

} // namespace switchyard::routing
