#include <algorithm>
#include <limits>

#include "core/routing/policies/choosing.h"
#include "core/routing/policies/expert_list.h"
#include "core/routing/policies/score_edits.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

enum class MaskMode : std::size_t { Zero, ZeroRenorm, RouteAround, Swap };

class MaskPolicy final : public StepPolicy<MaskPolicy> {
public:
  MaskPolicy(ExpertList experts, MaskMode mode) : m_experts(std::move(experts)), m_mode(mode) {}

  std::string_view id() const override { return "mask"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    SY_TRY(m_experts.resolve(id(), layers));
    for (const LayerFacts& layer : layers) {
      const std::size_t count = m_experts.at(layer).size();
      if (m_mode == MaskMode::Swap && count != 0 && count != 2)
        return base::fail(base::ErrorCode::InvalidArgument,
                          "step 'mask': swap needs exactly two experts at each layer it acts on",
                          {.layer = layer.layer});
      if (m_mode == MaskMode::RouteAround)
        SY_TRY(requireOpenExpert(id(), layer, count));
    }
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const auto experts = m_experts.at(batch.layer);
    if (experts.empty())
      return Edit::None;
    if (m_mode == MaskMode::RouteAround) {
      banExperts(batch, experts, true, draft);
      return Edit::Scores;
    }
    Assignment& assignment = draft.assignment;
    for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
      if (m_mode == MaskMode::Swap)
        swapIds(experts, row, assignment);
      else
        zero(experts, row, *batch.layer.gate, assignment);
    }
    if (m_mode != MaskMode::Swap)
      assignment.rawWeights.clear(); // the weights no longer follow from them
    return Edit::Selection;
  }

private:
  static void swapIds(std::span<const std::int32_t> pair, std::size_t row, Assignment& assignment) {
    const std::size_t begin = row * static_cast<std::size_t>(assignment.maxK);
    for (std::int32_t rank = 0; rank < assignment.counts[row]; ++rank) {
      std::int32_t& id = assignment.ids[begin + static_cast<std::size_t>(rank)];
      if (id == pair[0])
        id = pair[1];
      else if (id == pair[1])
        id = pair[0];
    }
  }

  void zero(std::span<const std::int32_t> experts, std::size_t row, const GateConfig& gate,
            Assignment& assignment) const {
    const std::size_t begin = row * static_cast<std::size_t>(assignment.maxK);
    const auto count = static_cast<std::size_t>(assignment.counts[row]);
    float left = 0.0f;
    bool hit = false;
    for (std::size_t slot = begin; slot < begin + count; ++slot) {
      if (std::ranges::binary_search(experts, assignment.ids[slot])) {
        hit = true;
        assignment.weights[slot] = 0.0f;
      }
      left += assignment.weights[slot];
    }
    const bool already = !hit && renormalises(gate);
    if (m_mode != MaskMode::ZeroRenorm || left <= 0.0f || already)
      return;
    for (std::size_t slot = begin; slot < begin + count; ++slot)
      assignment.weights[slot] = assignment.weights[slot] / left * gate.scale;
  }

  ExpertList m_experts;
  MaskMode m_mode;
};

} // namespace

StepResult makeMask(OptionReader& options) {
  auto experts = SY_TRY(options.experts("experts"));
  const std::size_t mode =
      SY_TRY(options.choice("mode", {"zero", "zero-renorm", "route-around", "swap"}));
  if (experts.empty())
    return options.refuse("experts", "names no expert");
  return std::make_unique<MaskPolicy>(ExpertList(std::move(experts)), static_cast<MaskMode>(mode));
}

} // namespace switchyard::routing
