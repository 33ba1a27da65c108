#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/jobs/text.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/hooks/observer.h"
#include "core/model/model.h"

namespace switchyard::jobs::ablate {

/// Next-token loss of windows, again and again with the routing of one layer changed. What lies
/// before that layer does not change, so the residual stream entering it is held for all windows
/// (T * hidden floats) and runs begin there, with the bits of a whole run.
/// Used by one thread; the model and the threads are shared.
class TextLoss {
public:
  /// heldBytes: most memory for held streams; a text that needs more is run as a whole each time.
  TextLoss(std::shared_ptr<const model::Model> model, const base::ThreadContext& threads,
           std::span<const Window> windows, std::uint64_t heldBytes = 1u << 30);

  /// Loss of each window in nats, summed over its tokens but the first: the model's own routing,
  /// every row shown to the observers. `window` is called before each with its index.
  template <typename Begin>
  base::Result<std::vector<double>> baseline(std::span<hooks::Observer* const> observers,
                                             const Begin& begin, const base::RunControl& control) {
    std::vector<double> losses;
    for (std::size_t window = 0; window < m_windows.size(); ++window) {
      begin(window);
      losses.push_back(SY_TRY(run(window, {}, nullptr, observers, nullptr, control)));
      control.report(static_cast<std::int64_t>(window + 1),
                     static_cast<std::int64_t>(m_windows.size()), "windows of the base");
    }
    return losses;
  }

  /// From now on loss() changes this layer (position in the stack). Layers may only rise.
  base::Result<void> enter(int layer, const base::RunControl& control);

  /// Loss of one window with `policy`, which has begun and changes the entered layer only.
  base::Result<double> loss(std::size_t window, routing::Policy& policy,
                            const base::RunControl& control);

private:
  base::Result<double> run(std::size_t window, const model::LayerRange& range,
                           routing::Policy* policy, std::span<hooks::Observer* const> observers,
                           std::vector<float>* leaving, const base::RunControl& control);
  double chunkLoss(std::span<const base::TokenId> tokens) const;

  std::shared_ptr<const model::Model> m_model;
  const base::ThreadContext& m_threads;
  std::span<const Window> m_windows;
  bool m_holds = false;                   ///< whether streams fit into memory
  int m_layer = 0;                        ///< entered
  std::vector<std::vector<float>> m_held; ///< [windows][T * hidden] entering m_layer; empty at 0
  model::KvCache m_cache;
  model::Workspace m_work;
};

} // namespace switchyard::jobs::ablate
