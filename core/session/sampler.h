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
  SamplerOptions m_options;
  base::Rng m_rng;
  std::vector<float> m_scores;
  std::vector<std::int32_t> m_order;
};

/// Index of the largest logit, the lowest one among equals. logits is not empty.
base::TokenId argmax(std::span<const float> logits);

} // namespace switchyard::session
