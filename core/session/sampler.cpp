#include "core/session/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace switchyard::session {

namespace {

base::Result<void> requireRange(std::string_view option, double value, double low, double high) {
  if (value >= low && value <= high)
    return {};
  return base::fail(base::ErrorCode::InvalidArgument,
                    fmt::format("{} is {}, it must lie in [{}, {}]", option, value, low, high));
}

} // namespace

base::Result<void> validate(const SamplerOptions& o) {
  SY_TRY(requireRange("temperature", o.temperature, 0.0, 100.0));
  SY_TRY(requireRange("top-k", o.topK, 0, 1 << 30));
  SY_TRY(requireRange("top-p", o.topP, 0.0, 1.0));
  SY_TRY(requireRange("min-p", o.minP, 0.0, 1.0));
  SY_TRY(requireRange("repetition-penalty", o.repetitionPenalty, 0.01, 100.0));
  return {};
}

base::TokenId argmax(std::span<const float> logits) {
  return base::TokenId(
      static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
}

Sampler::Sampler(const SamplerOptions& options, std::uint64_t stream)
    : m_options(options), m_rng(options.seed, stream) {}

base::Result<base::TokenId> Sampler::sample(std::span<const float> logits,
                                            std::span<const base::TokenId> seen) {
  if (std::ranges::any_of(logits, [](float x) { return std::isnan(x); }) ||
      std::ranges::none_of(logits, [](float x) { return std::isfinite(x); }))
    return base::fail(base::ErrorCode::NonFinite, "the model's next-token logits are not numbers");
  m_scores.assign(logits.begin(), logits.end());
  if (m_options.repetitionPenalty != 1.0) {
    const auto penalty = static_cast<float>(m_options.repetitionPenalty);
    for (const base::TokenId token : seen) {
      const auto id = static_cast<std::size_t>(token.value);
      // From the unchanged logits: a token seen twice is penalised once.
      m_scores[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    }
  }
  if (m_options.temperature == 0.0)
    return argmax(m_scores);

  startOrder();
  const std::size_t vocabulary = m_scores.size();
  const std::size_t most = m_options.topK > 0
                               ? std::min(vocabulary, static_cast<std::size_t>(m_options.topK))
                               : vocabulary;
  double total = 0; // of the `most` likeliest tokens
  if (most < vocabulary)
    for (std::size_t i = 0; i < most; ++i)
      total += mass(ranked(i));
  else
    for (std::size_t id = 0; id < vocabulary; ++id)
      total += mass(static_cast<std::int32_t>(id));

  std::size_t nucleus = most;
  double sum = total;
  if (m_options.topP < 1.0 || m_options.minP > 0.0) {
    nucleus = 0;
    sum = 0;
    do
      sum += mass(ranked(nucleus++));
    while (nucleus < most && sum < m_options.topP * total &&
           mass(ranked(nucleus)) >= m_options.minP);
  }

  const double target = m_rng.nextDouble() * sum;
  double reached = 0;
  std::size_t i = 0;
  // The top token has mass 1, what cannot be chosen 0.
  for (; i + 1 < nucleus && mass(ranked(i + 1)) > 0.0; ++i) {
    reached += mass(ranked(i));
    if (target < reached)
      break;
  }
  return base::TokenId(ranked(i));
}

void Sampler::startOrder() {
  m_order.resize(m_scores.size());
  std::iota(m_order.begin(), m_order.end(), 0);
  std::ranges::make_heap(m_order, worse());
  m_ranked = 0;
  m_top = m_scores[static_cast<std::size_t>(m_order.front())];
}

std::int32_t Sampler::ranked(std::size_t rank) {
  for (; m_ranked <= rank; ++m_ranked) // the best one left goes behind the rest of the heap
    std::pop_heap(m_order.begin(), m_order.end() - static_cast<std::ptrdiff_t>(m_ranked), worse());
  return m_order[m_order.size() - 1 - rank];
}

double Sampler::mass(std::int32_t id) const {
  return std::exp((m_scores[static_cast<std::size_t>(id)] - m_top) / m_options.temperature);
}

} // namespace switchyard::session
