#include "core/session/row_window.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::session {

using base::Result;

namespace {

/// The first `slots` of every row's `k` values.
template <typename T>
std::span<const T> cut(std::span<const T> values, int k, int slots, std::vector<T>& buffer) {
  buffer.clear();
  for (std::size_t at = 0; at < values.size(); at += static_cast<std::size_t>(k))
    buffer.insert(buffer.end(), values.begin() + static_cast<std::ptrdiff_t>(at),
                  values.begin() + static_cast<std::ptrdiff_t>(at) + slots);
  return buffer;
}

} // namespace

hooks::PointSet RowWindow::wants() const {
  hooks::PointSet wanted = 0;
  for (const hooks::Observer* observer : m_observers)
    wanted |= observer->wants();
  return wanted;
}

Result<void> RowWindow::cutSlots(hooks::RouterEvent& event, int slots) {
  const auto k = static_cast<std::size_t>(event.k);
  for (std::size_t at = 0; at < event.ids.size(); ++at)
    if (at % k >= static_cast<std::size_t>(slots) && event.ids[at] != hooks::kNoExpert)
      return base::fail(base::ErrorCode::Unsupported,
                        fmt::format("the decoder's recipe gives a token of the text more than the "
                                    "{} experts that its routing has room for; use it on another "
                                    "branch",
                                    slots),
                        {.layer = event.layer});
  event.ids = cut(event.ids, event.k, slots, m_ids);
  event.weights = cut(event.weights, event.k, slots, m_weights);
  event.rawWeights = cut(event.rawWeights, event.k, slots, m_rawWeights);
  event.norms = cut(event.norms, event.k, slots, m_norms);
  event.k = slots;
  return {};
}

Result<void> RowWindow::onRouter(const hooks::RouterEvent& event) {
  const std::size_t rows = event.rows.size();
  hooks::RouterEvent shown = event;
  shown.rows = event.rows.subspan(m_first, m_count);
  shown.input = part(event.input, rows);
  shown.logits = part(event.logits, rows);
  shown.probs = part(event.probs, rows);
  shown.biasedScores = part(event.biasedScores, rows);
  shown.ids = part(event.ids, rows);
  shown.rawWeights = part(event.rawWeights, rows);
  shown.weights = part(event.weights, rows);
  shown.norms = part(event.norms, rows);
  shown.output = part(event.output, rows);
  const int slots = m_slotsOf[static_cast<std::size_t>(event.layer.value)];
  if (event.k > slots)
    SY_TRY(cutSlots(shown, slots));
  for (hooks::Observer* observer : m_observers)
    SY_TRY(observer->onRouter(shown));
  return {};
}

Result<void> RowWindow::onHidden(const hooks::HiddenEvent& event) {
  hooks::HiddenEvent shown = event;
  shown.rows = event.rows.subspan(m_first, m_count);
  shown.values = part(event.values, event.rows.size());
  for (hooks::Observer* observer : m_observers)
    SY_TRY(observer->onHidden(shown));
  return {};
}

Result<void> RowWindow::onLmLogits(const hooks::LmLogitsEvent& event) {
  hooks::LmLogitsEvent shown = event;
  shown.rows = event.rows.subspan(m_first, m_count);
  shown.logits = part(event.logits, event.rows.size());
  for (hooks::Observer* observer : m_observers)
    SY_TRY(observer->onLmLogits(shown));
  return {};
}

} // namespace switchyard::session
