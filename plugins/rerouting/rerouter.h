#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace switchyard::plugins {

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
  int steps = 5;                                     ///< at least 1, per adaptation
  double rate = 0.05;                                ///< > 0
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8; ///< Adam
  LayerSelection layers = LayerSelection::Hard;
  double fraction = 0.5; ///< Hard: of the MoE layers, rounded up, (0, 1]
  LayerDirection direction = LayerDirection::LeastConfident;
  std::optional<double> clamp{}; ///< largest |offset|, > 0
};

/// What one adaptation did to one MoE layer.
struct ReroutedLayer {
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

/// A context's loss at some offsets. The last three are filled unless they are empty: the gradient
/// [layers, E], mean -log p of the selected experts [layers], the selected experts
/// [layers, rows, k] with -1 in unused slots.
using ContextLoss = std::function<double(std::span<const float> offsets, std::span<float> gradient,
                                         std::span<double> surprise, std::span<std::int32_t> ids)>;

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
/// Knows only the context that it is given. One per request.
class Rerouter {
public:
  /// k: experts of each token at most.
  Rerouter(const ReroutingOptions& options, std::size_t layers, std::size_t experts, std::size_t k);

  /// Moves the offsets by `steps` steps and reports. rows: tokens of the context that are run. If
  /// `loss` throws, the offsets are as they were.
  ReroutingReport adapt(std::size_t rows, const ContextLoss& loss);
  /// All zeros again, for another request.
  void reset();

  std::span<const float> offsets() const { return m_offsets; } ///< [layers, E]

private:
  std::vector<double> factorsOf(std::span<const double> confidences) const;

  ReroutingOptions m_options;
  std::size_t m_layers, m_k;
  std::vector<float> m_offsets;
};

} // namespace switchyard::plugins
