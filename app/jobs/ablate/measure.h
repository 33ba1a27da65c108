#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/jobs/ablate/affinity.h"
#include "app/jobs/ablate/store.h"
#include "app/jobs/ablate/text_loss.h"
#include "app/jobs/evaluate/run.h"
#include "core/hooks/observer.h"

namespace switchyard::jobs::ablate {

/// Notes which experts each window selects at all.
class UsedExperts final : public hooks::Observer {
public:
  UsedExperts(std::size_t windows, const std::vector<trace::LayerInfo>& layers);
  void beginWindow(std::size_t window) { m_window = window; }
  bool uses(std::size_t window, const ExpertId& id) const;

  hooks::PointSet wants() const override {
    return static_cast<hooks::PointSet>(hooks::Point::TopK);
  }
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;

private:
  std::map<int, std::size_t> m_first; ///< of a layer: its first expert's place
  std::size_t m_experts = 0;          ///< of all layers
  std::vector<bool> m_used;           ///< [windows, experts]
  std::size_t m_window = 0;
};

/// Measures the model with one expert taken away.
class Measurer {
public:
  virtual ~Measurer() = default;
  /// policy: not begun, takes the expert away; null: the model as it is. `step` is called as
  /// documents or items are done. Experts come by rising layer.
  virtual base::Result<Measurement> run(const routing::Policy* policy, const ExpertId& id,
                                        const std::function<void()>& step,
                                        const base::RunControl& control) = 0;
  virtual std::size_t steps() const = 0; ///< of one run
};

/// Loss of texts by document. The base is what the baseline of `loss` gave, by window.
/// skip: windows where the expert is never selected keep the base's loss.
std::unique_ptr<Measurer> measureTexts(std::shared_ptr<const model::Model> model,
                                       std::span<const Window> windows, TextLoss& loss,
                                       std::vector<double> base,
                                       std::shared_ptr<const UsedExperts> used, bool skip);

/// Score and answer of each item, `jobs` at once.
std::unique_ptr<Measurer> measureTasks(evaluate::Bench bench, const base::ThreadContext& threads,
                                       int jobs);

} // namespace switchyard::jobs::ablate
