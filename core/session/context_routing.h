#pragma once

#include <cstddef>
#include <span>

#include "core/hooks/observer.h"
#include "core/routing/policy.h"
#include "core/session/decoder.h"

namespace switchyard::session {

/// Fills a ContextRouting while one forward pass of the context runs.
class ContextRoutingObserver final : public hooks::Observer {
public:
  /// offsets: those of the pass, [moeLayers, E] or empty. Everything is borrowed.
  ContextRoutingObserver(routing::Score score, std::span<const float> offsets,
                         const ContextRouting& out)
      : m_score(score), m_offsets(offsets), m_out(out) {}

  hooks::PointSet wants() const override { return hooks::Point::TopK | hooks::Point::RouterLogits; }
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;

private:
  routing::Score m_score;
  std::span<const float> m_offsets;
  ContextRouting m_out;
  std::size_t m_layer = 0; ///< MoE layers seen
};

} // namespace switchyard::session
