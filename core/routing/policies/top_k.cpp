#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

namespace {

class TopKPolicy final : public StepPolicy<TopKPolicy> {
public:
  TopKPolicy(std::vector<std::int64_t> ks, std::optional<bool> renorm)
      : m_ks(std::move(ks)), m_renorm(renorm) {}

  std::string_view id() const override { return "top-k"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    if (m_ks.size() != 1 && m_ks.size() != layers.size())
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("step 'top-k': per-layer has {} numbers for {} MoE layers",
                                    m_ks.size(), layers.size()));
    int last = 0;
    for (const LayerFacts& layer : layers)
      last = std::max(last, layer.moeLayer);
    m_kOfLayer.assign(static_cast<std::size_t>(last) + 1, 0);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const int k = static_cast<int>(m_ks[m_ks.size() == 1 ? 0 : i]);
      SY_TRY(check(layers[i], k));
      m_kOfLayer[static_cast<std::size_t>(layers[i].moeLayer)] = k;
    }
    return {};
  }

  int maxK(const LayerFacts& layer) const override {
    const auto index = static_cast<std::size_t>(layer.moeLayer);
    return index < m_kOfLayer.size() && m_kOfLayer[index] > 0 ? m_kOfLayer[index] : layer.k;
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    GateConfig gate = *batch.layer.gate;
    LayerFacts layer = batch.layer;
    layer.gate = &gate;
    if (m_renorm) {
      gate.renorm = *m_renorm ? Renorm::Sum : Renorm::None;
      if (!*m_renorm && gate.score == Score::SoftmaxSelected)
        gate.score = Score::SoftmaxAll; // the same selection, shares of all experts as weights
    }
    SY_TRY(reroute(layer, batch.tokens, {.k = maxK(batch.layer)}, draft));
    return Edit::Selection;
  }

private:
  base::Result<void> check(const LayerFacts& layer, int k) const {
    const GateConfig& gate = *layer.gate;
    int most = layer.experts;
    if (gate.groupScore != GroupScore::None)
      most = gate.groupsKept * (gate.experts / gate.groups);
    if (gate.score == Score::SparseMixer)
      most = 2;
    if (gate.score == Score::SparseMixer && m_renorm)
      return base::fail(base::ErrorCode::Unsupported,
                        "step 'top-k': renorm means nothing for this layer's two masked softmaxes",
                        {.layer = layer.layer});
    if (k > most)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("step 'top-k': k is {}, this layer's rule can choose at most "
                                    "{}",
                                    k, most),
                        {.layer = layer.layer});
    return {};
  }

  std::vector<std::int64_t> m_ks; ///< one for all layers, or one per layer in scope
  std::optional<bool> m_renorm;   ///< unset: as the gate does
  std::vector<int> m_kOfLayer;    ///< by MoE layer; 0: not in scope
};

} // namespace

StepResult makeTopK(OptionReader& options) {
  constexpr std::int64_t kMost = 1 << 16;
  auto ks = SY_TRY(options.integers("per-layer", 1, kMost));
  const std::int64_t k = SY_TRY(options.integer("k", 1, kMost, 1));
  if (options.has("k") == !ks.empty())
    return options.refuse("k", "and 'per-layer': exactly one of the two is needed");
  if (ks.empty())
    ks = {k};
  const std::optional<bool> renorm = SY_TRY(options.flag("renorm"));
  return std::make_unique<TopKPolicy>(std::move(ks), renorm);
}

} // namespace switchyard::routing
