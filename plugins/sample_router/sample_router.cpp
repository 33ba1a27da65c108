#include "core/plugin/sdk.hpp"

#include <algorithm>

namespace {

using namespace switchyard::sdk;

/// Skips the experts of a token that matter least: those whose gate weight is below a share of the
/// token's largest. What is left keeps its weights, or shares theirs out again.
class SkipWeakExperts final : public Router {
public:
  explicit SkipWeakExperts(const Options& options)
      : m_minShare(static_cast<float>(options.number("min-share"))),
        m_renormalise(options.boolean("renormalise")) {}

  Edit apply(const RouterBatch& batch, RouterDraft& draft) override {
    bool changed = false;
    for (std::int64_t row = 0; row < batch.tokens; ++row)
      changed = skip(draft, row) || changed;
    return changed ? Edit::Selection : Edit::None;
  }

private:
  bool skip(RouterDraft& draft, std::int64_t row) {
    m_ids.assign(draft.ids(row).begin(), draft.ids(row).end());
    m_weights.assign(draft.weights(row).begin(), draft.weights(row).end());
    if (m_weights.empty())
      return false;
    const float limit = m_minShare * *std::max_element(m_weights.begin(), m_weights.end());
    float before = 0.0f, kept = 0.0f;
    for (const float weight : m_weights) {
      before += weight;
      kept += weight < limit ? 0.0f : weight;
    }
    if (kept == before)
      return false;
    const float factor = m_renormalise ? before / kept : 1.0f;
    draft.clear(row);
    for (std::size_t rank = 0; rank < m_ids.size(); ++rank) {
      if (m_weights[rank] < limit)
        draft.drop(row, static_cast<std::int32_t>(rank), m_ids[rank]);
      else
        draft.push(row, m_ids[rank], m_weights[rank] * factor);
    }
    return true;
  }

  float m_minShare;
  bool m_renormalise;
  std::vector<std::int32_t> m_ids;
  std::vector<float> m_weights;
};

} // namespace

SY_PLUGIN("org.switchyard.sample-router", "1.0.0", SkipWeakExperts);
