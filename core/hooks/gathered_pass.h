#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/hooks/observer.h"

namespace switchyard::hooks {

/// Shows observers the router events of a pass with one row together, behind its last MoE layer.
/// What a model runs between two layers drives an observer's code and data out of the caches, so
/// all layers at once cost the decoder a fraction of one at a time. Longer passes, and events of
/// other kinds, go on at once; each observer gets everything in the order it happened. The layers
/// of a pass that failed before its last one are not shown.
class GatheredPass final : public Observer {
public:
  /// observers: borrowed. last: the last MoE layer, by position in the stack.
  GatheredPass(std::span<Observer* const> observers, base::LayerId last)
      : m_observers(observers), m_last(last) {}

  PointSet wants() const override;
  base::Result<void> onRouter(const RouterEvent& event) override;
  base::Result<void> onHidden(const HiddenEvent& event) override;
  base::Result<void> onLmLogits(const LmLogitsEvent& event) override;

private:
  static constexpr std::size_t kParts = 6; ///< spans of floats in an event but input and output
  struct Kept {
    RouterEvent event{};             ///< its spans are set when it is shown
    std::size_t ids = 0, floats = 0; ///< where they begin in the vectors below
    std::size_t idCount = 0;
    std::array<std::size_t, kParts> sizes{}; ///< of the floats
  };
  void keep(const RouterEvent& event);
  base::Result<void> show();

  std::span<Observer* const> m_observers;
  base::LayerId m_last;
  mutable PointSet m_wanted = 0; ///< in the pass that runs
  RowInfo m_row{};
  std::vector<Kept> m_kept;
  std::vector<std::int32_t> m_ids;
  std::vector<float> m_floats;
};

} // namespace switchyard::hooks
