#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/ablate/store.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::ablate {

/// What taking an expert away does.
struct Effect {
  ExpertId id;
  Affinity affinity;
  /// Mean harm per token (texts: loss with minus loss without it, nats) or item (tasks: score
  /// without it minus score with); positive: the model is worse off without the expert.
  double harm = 0;
  std::optional<std::array<double, 2>> interval; ///< 95 %, bootstrap over documents or items
  double p = 1;                                  ///< two-sided sign flips over documents or items
  double adjustedP = 1;                          ///< Benjamini-Hochberg over the experts
  double changed = 0;       ///< share of items answered differently; 0 for texts
  std::int64_t touched = 0; ///< documents or items whose value changed at all
};

/// How an affinity goes with the effect, over experts.
struct Agreement {
  std::string measure; ///< "share", "mean_weight", "npmi", "specialization"
  std::int64_t experts = 0;
  std::optional<double> rho;                     ///< Spearman
  std::optional<std::array<double, 2>> interval; ///< 95 %, effects bootstrapped over documents
};

/// An expert whose affinity and effect say different things.
struct Disagreement {
  std::string measure;
  std::size_t effect = 0;  ///< index
  double affinityRank = 0; ///< from 0, least, to 1, most, among the experts that have it
  double effectRank = 0;
};

struct EffectOptions {
  bool accuracy = false; ///< values are scores, of which more is better; else losses
  std::int64_t resamples = 2000;
  std::uint64_t seed = 0;
  int disagreements = 5; ///< of each measure
};

struct Effects {
  std::vector<Effect> effects; ///< by falling harm; ties: layer, expert
  std::vector<Agreement> agreements;
  std::vector<Disagreement> disagreements; ///< by measure, then falling difference of ranks
};

/// experts: with what was measured, each as long as the base. At least one document.
/// Errors: those of the statistics (NonFinite for a loss that is not finite).
base::Result<Effects> effectsOf(const Measurement& base,
                                const std::vector<std::pair<ExpertId, Measurement>>& experts,
                                const AffinityCounter& affinities, const EffectOptions& options,
                                const base::ThreadContext& threads);

} // namespace switchyard::jobs::ablate
