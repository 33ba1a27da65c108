#include "core/routing/policies/null_experts.h"

#include <fmt/format.h>

#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/scoring.h"

namespace switchyard::routing {

namespace {

class NullExpertsPolicy final : public StepPolicy<NullExpertsPolicy> {
public:
  NullExpertsPolicy(int k, std::vector<float> nullLogits)
      : m_k(k), m_nullLogits(std::move(nullLogits)) {}

  std::string_view id() const override { return "null-experts"; }

  PolicyTraits traits() const override {
    PolicyTraits traits;
    traits.virtualExperts = static_cast<int>(m_nullLogits.size());
    return traits;
  }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    for (const LayerFacts& layer : layers)
      if (m_k > layer.experts)
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step 'null-experts': k is {}, the layer has {} experts", m_k,
                                      layer.experts),
                          {.layer = layer.layer});
    return {};
  }

  int maxK(const LayerFacts&) const override { return m_k; }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    return chooseRows(batch, draft, m_k, [this](const ChoiceRow& row, Assignment& out) {
      chooseAmongNulls(row, m_nullLogits, static_cast<std::size_t>(m_k), out);
      return base::Result<void>{};
    });
  }

private:
  int m_k;
  std::vector<float> m_nullLogits;
};

} // namespace

void chooseAmongNulls(const ChoiceRow& row, std::span<const float> nullLogits, std::size_t k,
                      Assignment& out) {
  std::vector<float> p(row.logits.begin(), row.logits.end());
  p.insert(p.end(), nullLogits.begin(), nullLogits.end());
  softmax(p, p);
  std::vector<std::int32_t> candidates(row.open.begin(), row.open.end());
  const auto experts = static_cast<std::int32_t>(row.logits.size());
  for (std::size_t i = 0; i < nullLogits.size(); ++i)
    candidates.push_back(experts + static_cast<std::int32_t>(i));

  std::vector<std::int32_t> ids;
  std::vector<float> weights;
  const std::vector<std::int32_t> chosen = largest(candidates, p, k);
  for (std::size_t rank = 0; rank < chosen.size(); ++rank) {
    if (chosen[rank] >= experts) {
      out.drops.push_back(
          {static_cast<std::int32_t>(row.row), static_cast<std::int32_t>(rank), chosen[rank]});
      continue;
    }
    ids.push_back(chosen[rank]);
    weights.push_back(p[static_cast<std::size_t>(chosen[rank])]);
  }
  give(row, ids, weights, true, out);
}

StepResult makeNullExperts(OptionReader& options) {
  const std::int64_t k = SY_TRY(options.integer("k", 1, 1 << 16));
  const std::int64_t count = SY_TRY(options.integer("count", 1, kMaxNullExperts));
  const double logit = SY_TRY(options.number("logit", -1e6, 1e6, 0.0));
  return std::make_unique<NullExpertsPolicy>(
      static_cast<int>(k),
      std::vector<float>(static_cast<std::size_t>(count), static_cast<float>(logit)));
}

} // namespace switchyard::routing
