#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/backward.h"
#include "core/model/model.h"

namespace switchyard::session {

enum class OffsetOptimizer : std::uint8_t { Adam, Sgd };
enum class LayerSelection : std::uint8_t {
  Hard, ///< a fraction of the layers moves
  Soft, ///< every layer moves, by its share of the confidence score
};
/// Which layers move (most). The paper's formula favours a large C, which is the least confident
/// routing; its text says the opposite.
enum class LayerDirection : std::uint8_t { LeastConfident, MostConfident };

struct ReroutingOptions {
  OffsetOptimizer optimizer = OffsetOptimizer::Adam;
  int steps = 5;      ///< 1..1000 per adaptation
  double rate = 0.05; ///< > 0
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8; ///< Adam
  LayerSelection layers = LayerSelection::Hard;
  double fraction = 0.5; ///< Hard: of the MoE layers, rounded up, (0, 1]
  LayerDirection direction = LayerDirection::LeastConfident;
  std::optional<double> clamp{}; ///< largest |offset|, > 0
};

/// Error InvalidArgument naming the option that is out of range.
base::Result<void> validate(const ReroutingOptions& options);

/// What one adaptation did to one MoE layer.
struct ReroutedLayer {
  base::LayerId layer;
  double confidence = 0;    ///< C before the first step, nats; small is confident
  double factor = 0;        ///< of its updates; 0: left alone
  double norm = 0;          ///< L2 norm of its offsets afterwards
  double flipsPerToken = 0; ///< experts selected afterwards that were not before
};

struct ReroutingReport {
  std::vector<double> losses; ///< nats, before each step and after the last: steps + 1
  std::vector<ReroutedLayer> layers;
  double flipsPerToken = 0; ///< over all layers

  double lossBefore() const { return losses.front(); }
  double lossAfter() const { return losses.back(); }
};

/// Continuous rerouting ("Rewiring Experts on the Fly", arXiv 2510.14853): one vector of router-
/// logit offsets per MoE layer, fitted to a context by gradient steps on its next-token loss, then
/// kept while text is generated. No public code exists; open points are decided here:
/// C of a layer is the mean over tokens and selected experts of -log p, p the router's softmax
/// (sigmoid gates: sigmoids divided by their sum). It is taken once per adaptation, at its start,
/// and so are the layers; offsets of layers that are left alone stay. Hard takes the layers of
/// largest C (MostConfident: smallest; ties: lower layer) with factor 1; Soft has factor C / max C
/// (MostConfident: min C / C). The factor multiplies the update, not the gradient, which Adam
/// would undo. Adam's moments start anew with every adaptation, offsets do not.
///
/// Uses only the tokens it is given. One per request; used by one thread at a time.
class Rerouter {
public:
  /// `threads` must outlive this. Errors: those of validate().
  static base::Result<Rerouter> create(std::shared_ptr<const model::Model> model,
                                       const base::ThreadContext& threads,
                                       const ReroutingOptions& options = {});

  /// Moves the offsets by `steps` steps on the whole of `context`, and reports. Errors: those of
  /// model::routerGradient; the offsets are then as they were.
  base::Result<ReroutingReport> adapt(std::span<const base::TokenId> context,
                                      const base::RunControl& control = {});
  /// All zeros again, for another request.
  void reset();

  /// [MoE layers, E], for model::SegmentRouting::offsets.
  std::span<const float> offsets() const { return m_offsets; }

private:
  Rerouter() = default;
  std::vector<double> factorsOf(std::span<const double> confidences) const;

  std::shared_ptr<const model::Model> m_model;
  const base::ThreadContext* m_threads = nullptr;
  ReroutingOptions m_options;
  std::vector<float> m_offsets;
  model::GradientWorkspace m_buffers;
};

} // namespace switchyard::session
