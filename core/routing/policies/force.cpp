#include <algorithm>

#include <fmt/format.h>

#include "core/routing/policies/expert_list.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

namespace {

class ForcePolicy final : public StepPolicy<ForcePolicy> {
public:
  explicit ForcePolicy(ExpertList experts) : m_experts(std::move(experts)) {}

  std::string_view id() const override { return "force"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    SY_TRY(m_experts.resolve(id(), layers));
    for (const LayerFacts& layer : layers) {
      const std::size_t count = m_experts.at(layer).size();
      if (count > static_cast<std::size_t>(layer.k))
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step 'force': {} experts are forced, but a token has only "
                                      "{}",
                                      count, layer.k),
                          {.layer = layer.layer});
      if (count > 0 && layer.gate->score == Score::SparseMixer)
        return base::fail(base::ErrorCode::Unsupported,
                          "step 'force': SparseMixer weighs its two picks by each other and has no "
                          "place for a forced expert",
                          {.layer = layer.layer});
    }
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const auto forced = m_experts.at(batch.layer);
    if (forced.empty())
      return Edit::None;
    std::vector<std::int32_t> counts = draft.assignment.counts;
    for (std::int32_t& count : counts)
      count = std::max(count, static_cast<std::int32_t>(forced.size()));
    SY_TRY(reroute(batch.layer, batch.tokens, {.kOfRow = counts, .forced = forced}, draft));
    return Edit::Selection;
  }

private:
  ExpertList m_experts;
};

} // namespace

StepResult makeForce(OptionReader& options) {
  auto experts = SY_TRY(options.experts("experts"));
  if (experts.empty())
    return options.refuse("experts", "names no expert");
  return std::make_unique<ForcePolicy>(ExpertList(std::move(experts)));
}

} // namespace switchyard::routing
