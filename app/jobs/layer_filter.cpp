#include "app/jobs/layer_filter.h"

#include <algorithm>
#include <utility>

namespace switchyard::jobs {

namespace {

using base::Result;

class WithLayers final : public trace::Analyzer {
public:
  WithLayers(std::unique_ptr<trace::Analyzer> inner, std::vector<int> moeLayers)
      : m_inner(std::move(inner)), m_moeLayers(std::move(moeLayers)) {}

  std::string_view id() const override { return m_inner->id(); }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
    return std::make_unique<WithLayers>(m_inner->cloneEmpty(), m_moeLayers);
  }
  trace::Columns wants() const override { return m_inner->wants(); }
  Result<void> begin(std::span<const trace::LayerInfo> layers) override {
    return m_inner->begin(layers);
  }

  Result<void> add(const trace::RoutingBlock& block) override {
    const auto found = std::ranges::lower_bound(m_moeLayers, block.moeLayer);
    if (found == m_moeLayers.end() || *found != block.moeLayer)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "a block of a layer that is not analysed was given",
                        {.layer = base::LayerId(block.info.layer)});
    trace::RoutingBlock numbered = block;
    numbered.moeLayer = static_cast<int>(found - m_moeLayers.begin());
    return m_inner->add(numbered);
  }

  Result<void> merge(const trace::Analyzer& other) override {
    const auto* twin = dynamic_cast<const WithLayers*>(&other);
    if (twin == nullptr || twin->m_moeLayers != m_moeLayers)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "only analyzers of the same layers can be merged");
    return m_inner->merge(*twin->m_inner);
  }
  Result<trace::AnalysisResult> result() const override { return m_inner->result(); }
  bool canSave() const override { return m_inner->canSave(); }
  Result<std::string> save() const override { return m_inner->save(); }
  Result<void> load(std::string_view state) override { return m_inner->load(state); }

private:
  std::unique_ptr<trace::Analyzer> m_inner;
  std::vector<int> m_moeLayers;
};

} // namespace

std::unique_ptr<trace::Analyzer> withLayers(std::unique_ptr<trace::Analyzer> inner,
                                            std::vector<int> moeLayers) {
  return std::make_unique<WithLayers>(std::move(inner), std::move(moeLayers));
}

} // namespace switchyard::jobs
