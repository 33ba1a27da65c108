#include "core/session/context_routing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::session {

namespace {

/// The probability that a router gives an expert, from its logits with the offsets added.
class RouterRow {
public:
  RouterRow(routing::Score score, std::span<const float> logits, std::span<const float> offsets)
      : m_sigmoid(score == routing::Score::Sigmoid), m_logits(logits), m_offsets(offsets) {
    for (std::size_t e = 0; e < logits.size(); ++e)
      m_top = std::max(m_top, logitOf(e));
    for (std::size_t e = 0; e < logits.size(); ++e)
      m_total += weightOf(e);
  }
  double minusLog(std::size_t expert) const {
    return std::log(m_total) - std::log(weightOf(expert));
  }

private:
  double logitOf(std::size_t e) const {
    return static_cast<double>(m_logits[e]) + (m_offsets.empty() ? 0.0f : m_offsets[e]);
  }
  double weightOf(std::size_t e) const {
    return m_sigmoid ? 1.0 / (1.0 + std::exp(-logitOf(e))) : std::exp(logitOf(e) - m_top);
  }

  bool m_sigmoid;
  std::span<const float> m_logits;
  std::span<const float> m_offsets;
  double m_top = -std::numeric_limits<double>::infinity();
  double m_total = 0.0;
};

} // namespace

base::Result<void> ContextRoutingObserver::onRouter(const hooks::RouterEvent& event) {
  const auto experts = static_cast<std::size_t>(event.experts);
  const auto k = static_cast<std::size_t>(event.k);
  if (!m_out.ids.empty())
    std::ranges::copy(event.ids, m_out.ids.subspan(m_layer * event.ids.size()).begin());
  if (!m_out.surprise.empty()) {
    const std::span<const float> offsets =
        m_offsets.empty() ? m_offsets : m_offsets.subspan(m_layer * experts, experts);
    double sum = 0.0;
    std::size_t selected = 0;
    for (std::size_t row = 0; row < event.rows.size(); ++row) {
      const RouterRow router(m_score, event.logits.subspan(row * experts, experts), offsets);
      for (const std::int32_t id : event.ids.subspan(row * k, k))
        if (id != hooks::kNoExpert) {
          sum += router.minusLog(static_cast<std::size_t>(id));
          ++selected;
        }
    }
    m_out.surprise[m_layer] = selected == 0 ? 0.0 : sum / static_cast<double>(selected);
  }
  ++m_layer;
  return {};
}

} // namespace switchyard::session
