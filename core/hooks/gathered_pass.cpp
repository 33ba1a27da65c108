#include "core/hooks/gathered_pass.h"

namespace switchyard::hooks {

namespace {

constexpr std::array kFloats = {&RouterEvent::logits,       &RouterEvent::probs,
                                &RouterEvent::biasedScores, &RouterEvent::rawWeights,
                                &RouterEvent::weights,      &RouterEvent::norms};

} // namespace

PointSet GatheredPass::wants() const {
  m_wanted = 0;
  for (const Observer* observer : m_observers)
    m_wanted |= observer->wants();
  return m_wanted;
}

base::Result<void> GatheredPass::onRouter(const RouterEvent& event) {
  if (!m_kept.empty() && event.layer.value <= m_kept.back().event.layer.value)
    m_kept.clear(); // of a pass that failed
  const bool large = contains(m_wanted, Point::RouterInput) || contains(m_wanted, Point::MoeOutput);
  if (event.rows.size() != 1 || large) {
    for (Observer* observer : m_observers)
      SY_TRY(observer->onRouter(event));
    return {};
  }
  keep(event);
  return event.layer == m_last ? show() : base::Result<void>();
}

base::Result<void> GatheredPass::onHidden(const HiddenEvent& event) {
  SY_TRY(show());
  for (Observer* observer : m_observers)
    SY_TRY(observer->onHidden(event));
  return {};
}

base::Result<void> GatheredPass::onLmLogits(const LmLogitsEvent& event) {
  SY_TRY(show());
  for (Observer* observer : m_observers)
    SY_TRY(observer->onLmLogits(event));
  return {};
}

void GatheredPass::keep(const RouterEvent& event) {
  if (m_kept.empty()) {
    m_ids.clear();
    m_floats.clear();
  }
  m_row = event.rows.front();
  Kept& kept = m_kept.emplace_back();
  kept.event.layer = event.layer;
  kept.event.experts = event.experts;
  kept.event.k = event.k;
  kept.ids = m_ids.size();
  kept.idCount = event.ids.size();
  m_ids.insert(m_ids.end(), event.ids.begin(), event.ids.end());
  kept.floats = m_floats.size();
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::span<const float> values = event.*kFloats[i];
    kept.sizes[i] = values.size();
    m_floats.insert(m_floats.end(), values.begin(), values.end());
  }
}

base::Result<void> GatheredPass::show() {
  static_assert(kFloats.size() == kParts);
  for (Kept& kept : m_kept) {
    kept.event.rows = {&m_row, 1};
    kept.event.ids = std::span(m_ids).subspan(kept.ids, kept.idCount);
    std::size_t at = kept.floats;
    for (std::size_t i = 0; i < kParts; at += kept.sizes[i++])
      kept.event.*kFloats[i] = std::span(m_floats).subspan(at, kept.sizes[i]);
  }
  base::Result<void> shown;
  for (Observer* observer : m_observers)
    for (std::size_t i = 0; shown && i < m_kept.size(); ++i)
      shown = observer->onRouter(m_kept[i].event);
  m_kept.clear();
  return shown;
}

} // namespace switchyard::hooks
