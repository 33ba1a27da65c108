#include "core/session/rerouting.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "core/hooks/observer.h"

namespace switchyard::session {

namespace {

using base::Result;

/// The probability that a router gives an expert, from its logits with the offsets added.
class RouterRow {
public:
  RouterRow(routing::Score score, std::span<const float> logits, std::span<const float> offsets)
      : m_sigmoid(score == routing::Score::Sigmoid), m_logits(logits), m_offsets(offsets) {
    for (std::size_t e = 0; e < logits.size(); ++e)
      m_top = std::max(m_top, logitOf(e));
    for (std::size_t e = 0; e < logits.size(); ++e)
      m_total += weightOf(e);
  }
  double minusLog(std::size_t expert) const {
    return std::log(m_total) - std::log(weightOf(expert));
  }

private:
  double logitOf(std::size_t e) const {
    return static_cast<double>(m_logits[e]) + (m_offsets.empty() ? 0.0f : m_offsets[e]);
  }
  double weightOf(std::size_t e) const {
    return m_sigmoid ? 1.0 / (1.0 + std::exp(-logitOf(e))) : std::exp(logitOf(e) - m_top);
  }

  bool m_sigmoid;
  std::span<const float> m_logits;
  std::span<const float> m_offsets;
  double m_top = -std::numeric_limits<double>::infinity();
  double m_total = 0.0;
};

/// Selections and confidence of every MoE layer in one pass.
class RoutingRecord : public hooks::Observer {
public:
  RoutingRecord(routing::Score score, std::span<const float> offsets)
      : m_score(score), m_offsets(offsets) {}

  hooks::PointSet wants() const override {
    return hooks::Point::TopK | hooks::Point::RouterLogits;
  }
  Result<void> onRouter(const hooks::RouterEvent& event) override {
    const auto experts = static_cast<std::size_t>(event.experts);
    const std::span<const float> offsets = m_offsets.subspan(confidences.size() * experts, experts);
    const auto k = static_cast<std::size_t>(event.k);
    double sum = 0.0;
    std::size_t selected = 0;
    for (std::size_t row = 0; row < event.rows.size(); ++row) {
      const RouterRow router(m_score, event.logits.subspan(row * experts, experts), offsets);
      for (const std::int32_t id : event.ids.subspan(row * k, k))
        if (id != hooks::kNoExpert) {
          sum += router.minusLog(static_cast<std::size_t>(id));
          ++selected;
        }
    }
    confidences.push_back(selected == 0 ? 0.0 : sum / static_cast<double>(selected));
    ids.emplace_back(event.ids.begin(), event.ids.end());
    slots = k;
    return {};
  }

  std::vector<double> confidences;            ///< C of each MoE layer
  std::vector<std::vector<std::int32_t>> ids; ///< of each MoE layer, [T, slots]
  std::size_t slots = 0;

private:
  routing::Score m_score;
  std::span<const float> m_offsets;
};

/// Experts in `after` that the same token did not have in `before`, per token.
double flipsPerToken(std::span<const std::int32_t> before, std::span<const std::int32_t> after,
                     std::size_t slots) {
  std::size_t flips = 0;
  for (std::size_t slot = 0; slot < after.size(); ++slot) {
    const auto row = before.subspan(slot / slots * slots, slots);
    if (after[slot] != hooks::kNoExpert && std::ranges::find(row, after[slot]) == row.end())
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

Result<void> validate(const ReroutingOptions& options) {
  const auto refuse = [](const char* sentence) {
    return base::fail(base::ErrorCode::InvalidArgument, sentence);
  };
  if (options.steps < 1 || options.steps > 1000)
    return refuse("the rerouting steps must be between 1 and 1000");
  if (!(options.rate > 0.0) || !std::isfinite(options.rate))
    return refuse("the rerouting rate must be a finite number above 0");
  if (!(options.beta1 >= 0.0 && options.beta1 < 1.0) ||
      !(options.beta2 >= 0.0 && options.beta2 < 1.0))
    return refuse("Adam's betas must be at least 0 and below 1");
  if (!(options.epsilon > 0.0) || !std::isfinite(options.epsilon))
    return refuse("Adam's epsilon must be a finite number above 0");
  if (!(options.fraction > 0.0 && options.fraction <= 1.0))
    return refuse("the fraction of layers that rerouting moves must be above 0 and at most 1");
  if (options.clamp && !(*options.clamp > 0.0))
    return refuse("the bound on rerouting offsets must be above 0");
  return {};
}

Result<Rerouter> Rerouter::create(std::shared_ptr<const model::Model> model,
                                  const base::ThreadContext& threads,
                                  const ReroutingOptions& options) {
  SY_TRY(validate(options));
  Rerouter rerouter;
  rerouter.m_offsets.resize(static_cast<std::size_t>(model->config().moeLayers()) *
                            static_cast<std::size_t>(model->config().moe.gate.experts));
  rerouter.m_model = std::move(model);
  rerouter.m_threads = &threads;
  rerouter.m_options = options;
  return rerouter;
}

void Rerouter::reset() {
  std::ranges::fill(m_offsets, 0.0f);
}

std::vector<double> Rerouter::factorsOf(std::span<const double> confidences) const {
  const bool least = m_options.direction == LayerDirection::LeastConfident;
  std::vector<double> factors(confidences.size(), 0.0);
  if (m_options.layers == LayerSelection::Soft) {
    const auto [smallest, largest] = std::ranges::minmax(confidences);
    for (std::size_t l = 0; l < factors.size(); ++l) {
      const double above = least ? confidences[l] : smallest;
      const double below = least ? largest : confidences[l];
      factors[l] = below > 0.0 ? above / below : 1.0; // C is 0 where every token takes all experts
    }
    return factors;
  }
  std::vector<std::size_t> order(factors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return least ? confidences[a] > confidences[b] : confidences[a] < confidences[b];
  });
  const double wanted = std::ceil(m_options.fraction * static_cast<double>(order.size()) - 1e-9);
  for (std::size_t i = 0; i < static_cast<std::size_t>(wanted); ++i)
    factors[order[i]] = 1.0;
  return factors;
}

Result<ReroutingReport> Rerouter::adapt(std::span<const base::TokenId> context,
                                        const base::RunControl& control) {
  const routing::Score score = m_model->config().moe.gate.score;
  std::vector<float> offsets = m_offsets;
  std::vector<float> gradient(offsets.size());
  OffsetSteps optimizer(m_options, offsets.size());
  RoutingRecord before(score, m_offsets);
  RoutingRecord after(score, offsets);
  std::vector<double> factors;
  ReroutingReport report;
  for (int step = 0; step <= m_options.steps; ++step) {
    const bool last = step == m_options.steps;
    std::vector<hooks::Observer*> observers;
    if (step == 0)
      observers.push_back(&before);
    if (last)
      observers.push_back(&after);
    report.losses.push_back(SY_TRY(model::routerGradient(
        *m_model, {.threads = *m_threads, .observers = observers, .stop = control.stop},
        {.tokens = context, .offsets = offsets}, m_buffers,
        last ? std::span<float>() : std::span<float>(gradient))));
    if (step == 0)
      factors = factorsOf(before.confidences);
    if (!last)
      optimizer.step(gradient, factors, offsets);
    control.report(step + 1, m_options.steps + 1, "steps");
  }
  m_offsets = std::move(offsets);
  const std::size_t experts = m_offsets.size() / factors.size();
  for (std::size_t l = 0; l < factors.size(); ++l) {
    const double flips = flipsPerToken(before.ids[l], after.ids[l], after.slots);
    report.layers.push_back({m_model->layerFacts()[l].layer, before.confidences[l], factors[l],
                             norm(std::span<const float>(m_offsets).subspan(l * experts, experts)),
                             flips});
    report.flipsPerToken += flips;
  }
  return report;
}

} // namespace switchyard::session
