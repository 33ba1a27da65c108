#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::plugins {

/// Two next-token distributions over one vocabulary, and what the contrast keeps.
struct Contrast {
  double kl = 0;            ///< KL(strong || weak), nats
  double entropyStrong = 0; ///< nats
  double entropyWeak = 0;
  int candidates = 0;        ///< tokens kept
  double logTotalStrong = 0; ///< log of the sum of exponentials of the logits
  double logTotalWeak = 0;
};

/// Scores of SCMoE (Shi et al. 2024, arXiv:2405.14507, eq. 3): (1 + beta) * strong - beta * weak
/// where strong >= ln(alpha) + max strong, -inf elsewhere. Raw logits: no temperature.
/// strong, weak, scores: [vocabulary], not empty; finite. topStrong, topWeak: the largest of each.
/// alpha in [0, 1]; 0 keeps every token. Figures to about 1e-6 of their terms (float32
/// exponentials, sums in double).
Contrast contrast(std::span<const float> strong, std::span<const float> weak, double alpha,
                  double beta, float topStrong, float topWeak, std::span<float> scores);

/// The ids that contrast() keeps, rising.
void plausible(std::span<const float> strong, double alpha, float topStrong,
               std::vector<std::int32_t>& ids);

/// The scores of contrast() from the weak logits of what it keeps alone: weak: [ids]. The same
/// bits.
void contrastPlausible(std::span<const float> strong, std::span<const std::int32_t> ids,
                       std::span<const float> weak, double beta, std::span<float> scores);

/// Puts the ids of the `count` largest logits into `best`, falling (ties: lower id); fewer in a
/// smaller vocabulary.
void largest(std::span<const float> logits, std::size_t count, std::vector<std::int32_t>& best);

} // namespace switchyard::plugins
