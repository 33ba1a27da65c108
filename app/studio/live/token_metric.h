#pragma once

#include <array>
#include <optional>

#include "app/studio/figures/color_domain.h"
#include "app/studio/live/track.h"

namespace switchyard::studio {

/// A number of each token and layer that strip, raster and timeline show.
enum class TokenMetric {
  TopGate,   ///< largest gate weight
  Entropy,   ///< of the router's probabilities, over ln E
  Margin,    ///< first minus second router probability
  Expert,    ///< id of the first choice
  Npmi,      ///< of the first choice, from an nPMI result
  Agreement, ///< share of the model's own choices that the recipe kept
};
inline constexpr std::array kTokenMetrics = {TokenMetric::TopGate, TokenMetric::Entropy,
                                             TokenMetric::Margin,  TokenMetric::Expert,
                                             TokenMetric::Npmi,    TokenMetric::Agreement};

/// nPMI by [layer * experts + expert]; NaN: no data.
struct ExpertScores {
  std::vector<float> values{};
  int experts = 0;
  float at(std::size_t layer, int expert) const;
};

/// Value at one layer; NaN: not known. scores: for Npmi, may be null.
float valueOf(TokenMetric metric, const Track& track, std::int64_t position, std::size_t layer,
              const ExpertScores* scores = nullptr);
/// At `layer`, or the mean of the layers that know it (Expert has no mean: layer 0 stands for it).
float valueOf(TokenMetric metric, const Track& track, std::int64_t position,
              std::optional<std::size_t> layer, const ExpertScores* scores = nullptr);

/// The colour scale as designed: top-1 gate from 1/k to 1, others by their meaning; nPMI about 0.
ColorDomain designedScale(TokenMetric metric, const TrackShape& shape);

} // namespace switchyard::studio
