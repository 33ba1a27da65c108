#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/rng.h"

namespace switchyard::session {

/// How the next token is drawn. The defaults are greedy decoding.
struct SamplerOptions {
  double temperature = 0.0;       ///< 0: greedy; > 0 divides the logits
  int topK = 0;                   ///< keep the K likeliest; 0: all
  double topP = 1.0;              ///< keep the likeliest whose mass reaches P (at least one)
  double minP = 0.0;              ///< keep tokens of at least P times the top probability
  double repetitionPenalty = 1.0; ///< logits of seen tokens: / penalty if > 0, else * penalty
  std::uint64_t seed = 0;

  friend bool operator==(const SamplerOptions&, const SamplerOptions&) = default;
};

/// Error InvalidArgument naming the option that is out of range.
base::Result<void> validate(const SamplerOptions& options);

/// Draws tokens. Filters in the order repetition penalty, temperature, top-k, top-p, min-p (as the
/// Hugging Face library does). Ties: lower id. One random number per draw from the stream (seed,
/// stream), so the n-th token of a sequence does not depend on other sequences.
class Sampler {
public:
  /// stream: which sequence this is, so that several with one seed differ.
  Sampler(const SamplerOptions& options, std::uint64_t stream);

  /// logits: [vocabulary]; -inf: cannot be chosen. seen: all tokens before, prompt included.
  /// Error NonFinite if no logit is finite or one is NaN.
  base::Result<base::TokenId> sample(std::span<const float> logits,
                                     std::span<const base::TokenId> seen);

  /// Leaves out one draw, as if its token had been given.
  void skip() {
    if (m_options.temperature != 0.0)
      m_rng.nextDouble();
  }

private:
  /// Orders ids so that the likelier one is greater.
  auto worse() const {
    return [this](std::int32_t a, std::int32_t b) {
      const float sa = m_scores[static_cast<std::size_t>(a)];
      const float sb = m_scores[static_cast<std::size_t>(b)];
      return sa != sb ? sa < sb : a > b;
    };
  }
  void startOrder();
  /// The token of this rank, 0 being the likeliest. Only ranks that are asked for are sorted.
  std::int32_t ranked(std::size_t rank);
  /// Its probability relative to the likeliest token's.
  double mass(std::int32_t id) const;

  SamplerOptions m_options;
  base::Rng m_rng;
  std::vector<float> m_scores;
  std::vector<std::int32_t> m_order; ///< a heap, behind it the m_ranked likeliest backwards
  std::size_t m_ranked = 0;
  double m_top = 0; ///< the largest score
};

/// Index of the largest logit, the lowest one among equals. logits is not empty.
base::TokenId argmax(std::span<const float> logits);

} // namespace switchyard::session
