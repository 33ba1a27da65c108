#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

class ReluPolicy final : public StepPolicy<ReluPolicy> {
public:
  std::string_view id() const override { return "relu"; }
  int maxK(const LayerFacts& layer) const override { return layer.experts; }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    return chooseRows(batch, draft, maxK(batch.layer), [](const ChoiceRow& row, Assignment& out) {
      for (const std::int32_t id : largest(row.open, row.logits, row.open.size())) {
        const float logit = row.logits[static_cast<std::size_t>(id)];
        if (!(logit > 0.0f))
          break;
        out.push(row.row, id, logit);
      }
      return base::Result<void>{};
    });
  }
};

} // namespace

StepResult makeRelu(OptionReader&) {
  return std::make_unique<ReluPolicy>();
}

} // namespace switchyard::routing
