#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/hooks/observer.h"

namespace switchyard::session {

/// Shows observers some consecutive rows of each batch: those of one branch that they have not
/// seen.
class RowWindow final : public hooks::Observer {
public:
  /// slotsOf: by position in the stack, the most experts a row that is shown may have; batches with
  /// more slots are cut down to it. Everything is borrowed.
  RowWindow(std::span<hooks::Observer* const> observers, std::span<const int> slotsOf)
      : m_observers(observers), m_slotsOf(slotsOf) {}

  /// Rows [first, first + count) of the next batch.
  void show(std::size_t first, std::size_t count) {
    m_first = first;
    m_count = count;
  }

  hooks::PointSet wants() const override;
  /// Errors: an observer's; Unsupported for a row with more experts than may be shown.
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;
  base::Result<void> onHidden(const hooks::HiddenEvent& event) override;
  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override;

private:
  template <typename T> std::span<const T> part(std::span<const T> values, std::size_t rows) const {
    const std::size_t width = values.size() / rows;
    return values.subspan(m_first * width, m_count * width);
  }
  base::Result<void> cutSlots(hooks::RouterEvent& event, int slots);

  std::span<hooks::Observer* const> m_observers;
  std::span<const int> m_slotsOf;
  std::size_t m_first = 0;
  std::size_t m_count = 0;
  std::vector<std::int32_t> m_ids;
  std::vector<float> m_rawWeights, m_weights, m_norms;
};

} // namespace switchyard::session
