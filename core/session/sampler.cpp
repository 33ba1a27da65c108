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

  m_order.resize(m_scores.size());
  std::iota(m_order.begin(), m_order.end(), 0);
  const auto better = [this](std::int32_t a, std::int32_t b) {
    const float sa = m_scores[static_cast<std::size_t>(a)];
    const float sb = m_scores[static_cast<std::size_t>(b)];
    return sa != sb ? sa > sb : a < b;
  };
  std::size_t kept = m_order.size();
  if (m_options.topK > 0)
    kept = std::min(kept, static_cast<std::size_t>(m_options.topK));
  std::partial_sort(m_order.begin(), m_order.begin() + static_cast<std::ptrdiff_t>(kept),
                    m_order.end(), better);

  // Probabilities of the kept tokens, unnormalised, in falling order.
  const double top = m_scores[static_cast<std::size_t>(m_order[0])];
  const auto mass = [&](std::size_t i) {
    return std::exp((m_scores[static_cast<std::size_t>(m_order[i])] - top) / m_options.temperature);
  };
  double total = 0;
  for (std::size_t i = 0; i < kept; ++i)
    total += mass(i);
  std::size_t nucleus = 0;
  double sum = 0;
  do
    sum += mass(nucleus++);
  while (nucleus < kept && sum < m_options.topP * total);
  // The top token has mass 1, what cannot be chosen 0.
  while (nucleus > 1 && (mass(nucleus - 1) < m_options.minP || mass(nucleus - 1) == 0.0))
    sum -= mass(--nucleus);

  const double target = m_rng.nextDouble() * sum;
  double reached = 0;
  for (std::size_t i = 0; i + 1 < nucleus; ++i) {
    reached += mass(i);
    if (target < reached)
      return base::TokenId(m_order[i]);
  }
  return base::TokenId(m_order[nucleus - 1]);
}

} // namespace switchyard::session
