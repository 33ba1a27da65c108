#include "app/studio/live/token_metric.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::studio {

namespace {
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr double kNpmiEnd = 0.5; ///< of the colour scale, both ways
} // namespace

float ExpertScores::at(std::size_t layer, int expert) const {
  const std::size_t index =
      layer * static_cast<std::size_t>(experts) + static_cast<std::size_t>(expert);
  return expert >= 0 && index < values.size() ? values[index] : kUnknown;
}

float valueOf(TokenMetric metric, const Track& track, std::int64_t position, std::size_t layer,
              const ExpertScores* scores) {
  if (!track.has(position))
    return kUnknown;
  const int first = track.firstChoice(position, layer);
  switch (metric) {
  case TokenMetric::TopGate:
    return track.topGate(position, layer);
  case TokenMetric::Entropy:
    return track.entropy(position, layer);
  case TokenMetric::Margin:
    return track.margin(position, layer);
  case TokenMetric::Expert:
    return first < 0 ? kUnknown : static_cast<float>(first);
  case TokenMetric::Npmi:
    return scores ? scores->at(layer, first) : kUnknown;
  case TokenMetric::Agreement:
    return track.agreement(position, layer);
  }
  return kUnknown;
}

float valueOf(TokenMetric metric, const Track& track, std::int64_t position,
              std::optional<std::size_t> layer, const ExpertScores* scores) {
  if (metric == TokenMetric::Expert && !layer && track.layers() > 0)
    layer = 0;
  if (layer)
    return valueOf(metric, track, position, *layer, scores);
  double sum = 0;
  int known = 0;
  for (std::size_t l = 0; l < track.layers(); ++l) {
    const float value = valueOf(metric, track, position, l, scores);
    if (!std::isnan(value)) {
      sum += value;
      ++known;
    }
  }
  return known == 0 ? kUnknown : static_cast<float>(sum / known);
}

ColorDomain designedScale(TokenMetric metric, const TrackShape& shape) {
  ColorDomain scale;
  switch (metric) {
  case TokenMetric::TopGate:
    scale.low = 1.0 / std::max(1, shape.widest().k);
    if (scale.low >= 1.0)
      scale.low = 0; // one expert has it all
    break;
  case TokenMetric::Expert:
    scale.high = std::max(1, shape.widest().experts - 1);
    break;
  case TokenMetric::Npmi:
    scale.low = -kNpmiEnd;
    scale.centre = 0;
    scale.high = kNpmiEnd;
    scale.clampsLow = scale.clampsHigh = true;
    break;
  case TokenMetric::Entropy:
  case TokenMetric::Margin:
  case TokenMetric::Agreement:
    break;
  }
  return scale;
}

} // namespace switchyard::studio
