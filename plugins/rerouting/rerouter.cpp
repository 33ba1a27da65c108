#include "plugins/rerouting/rerouter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace switchyard::plugins {

namespace {

/// Experts in `after` that the same token did not have in `before`, per token.
double flipsPerToken(std::span<const std::int32_t> before, std::span<const std::int32_t> after,
                     std::size_t slots) {
  std::size_t flips = 0;
  for (std::size_t slot = 0; slot < after.size(); ++slot) {
    const auto row = before.subspan(slot / slots * slots, slots);
    if (after[slot] >= 0 && std::find(row.begin(), row.end(), after[slot]) == row.end())
      ++flips;
  }
  return static_cast<double>(flips * slots) / static_cast<double>(after.size());
}

double norm(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values)
    sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

/// The optimizer's state during one adaptation.
class OffsetSteps {
public:
  OffsetSteps(const ReroutingOptions& options, std::size_t count)
      : m_options(options), m_first(count), m_second(count) {}

  /// One step of every offset; factors: one per layer.
  void step(std::span<const float> gradient, std::span<const double> factors,
            std::span<float> offsets) {
    ++m_count;
    const std::size_t perLayer = offsets.size() / factors.size();
    const double limit = m_options.clamp.value_or(std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const double factor = factors[i / perLayer];
      if (factor == 0.0)
        continue;
      const double moved = offsets[i] - m_options.rate * factor * direction(i, gradient[i]);
      offsets[i] = static_cast<float>(std::clamp(moved, -limit, limit));
    }
  }

private:
  double direction(std::size_t i, double gradient) {
    if (m_options.optimizer == OffsetOptimizer::Sgd)
      return gradient;
    const double b1 = m_options.beta1;
    const double b2 = m_options.beta2;
    m_first[i] = b1 * m_first[i] + (1.0 - b1) * gradient;
    m_second[i] = b2 * m_second[i] + (1.0 - b2) * gradient * gradient;
    const double mean = m_first[i] / (1.0 - std::pow(b1, m_count));
    const double square = m_second[i] / (1.0 - std::pow(b2, m_count));
    return mean / (std::sqrt(square) + m_options.epsilon);
  }

  const ReroutingOptions& m_options;
  std::vector<double> m_first, m_second;
  int m_count = 0;
};

} // namespace

Rerouter::Rerouter(const ReroutingOptions& options, std::size_t layers, std::size_t experts,
                   std::size_t k)
    : m_options(options), m_layers(layers), m_k(k), m_offsets(layers * experts) {}

void Rerouter::reset() {
  std::fill(m_offsets.begin(), m_offsets.end(), 0.0f);
}

std::vector<double> Rerouter::factorsOf(std::span<const double> confidences) const {
  const bool least = m_options.direction == LayerDirection::LeastConfident;
  std::vector<double> factors(confidences.size(), 0.0);
  if (m_options.layers == LayerSelection::Soft) {
    const auto [smallest, largest] = std::minmax_element(confidences.begin(), confidences.end());
    for (std::size_t l = 0; l < factors.size(); ++l) {
      const double above = least ? confidences[l] : *smallest;
      const double below = least ? *largest : confidences[l];
      factors[l] = below > 0.0 ? above / below : 1.0; // C is 0 where every token takes all experts
    }
    return factors;
  }
  std::vector<std::size_t> order(factors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return least ? confidences[a] > confidences[b] : confidences[a] < confidences[b];
  });
  const double wanted = std::ceil(m_options.fraction * static_cast<double>(order.size()) - 1e-9);
  for (std::size_t i = 0; i < static_cast<std::size_t>(wanted); ++i)
    factors[order[i]] = 1.0;
  return factors;
}

ReroutingReport Rerouter::adapt(std::size_t rows, const ContextLoss& loss) {
  std::vector<float> offsets = m_offsets;
  std::vector<float> gradient(offsets.size());
  std::vector<double> confidences(m_layers);
  const std::size_t cells = rows * m_k; // of a layer
  std::vector<std::int32_t> before(m_layers * cells), after(m_layers * cells);
  OffsetSteps optimizer(m_options, offsets.size());
  std::vector<double> factors;
  ReroutingReport report;
  for (int step = 0; step < m_options.steps; ++step) {
    if (step == 0) {
      report.losses.push_back(loss(offsets, gradient, confidences, before));
      factors = factorsOf(confidences);
    } else {
      report.losses.push_back(loss(offsets, gradient, {}, {}));
    }
    optimizer.step(gradient, factors, offsets);
  }
  report.losses.push_back(loss(offsets, {}, {}, after));
  m_offsets = std::move(offsets);
  const std::size_t experts = m_offsets.size() / m_layers;
  for (std::size_t l = 0; l < m_layers; ++l) {
    const double flips =
        flipsPerToken(std::span<const std::int32_t>(before).subspan(l * cells, cells),
                      std::span<const std::int32_t>(after).subspan(l * cells, cells), m_k);
    report.layers.push_back({confidences[l], factors[l],
                             norm(std::span<const float>(m_offsets).subspan(l * experts, experts)),
                             flips});
    report.flipsPerToken += flips;
  }
  return report;
}

} // namespace switchyard::plugins
