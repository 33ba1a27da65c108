#pragma once

#include "app/studio/live/track.h"
#include "core/base/rng.h"

namespace switchyard::tests {

/// A shape of `layers` MoE layers; the first one is layer `firstLayer` of the stack.
inline studio::TrackShape shapeOf(int layers, int experts, int k, int firstLayer = 0) {
  studio::TrackShape shape;
  for (int l = 0; l < layers; ++l)
    shape.layers.push_back({firstLayer + l, experts, k});
  shape.weights = shape.logits = true;
  return shape;
}

/// Seeded routing: k different experts a layer with falling weights that sum to 1.
inline studio::TokenRouting madeUpRouting(const studio::TrackShape& shape, std::int64_t position,
                                          std::uint64_t seed = 1) {
  base::Rng rng(seed, static_cast<std::uint64_t>(position));
  studio::TokenRouting routing(shape);
  routing.position = position;
  routing.token = static_cast<std::int32_t>(position % 97);
  const auto k = static_cast<std::size_t>(shape.widest().k);
  for (std::size_t l = 0; l < shape.layers.size(); ++l) {
    const auto experts = static_cast<std::uint64_t>(shape.layers[l].experts);
    float total = 0;
    for (std::size_t slot = 0; slot < k; ++slot) {
      std::uint16_t id = 0;
      const auto taken = [&] {
        for (std::size_t before = 0; before < slot; ++before)
          if (routing.ids[l * k + before] == id)
            return true;
        return false;
      };
      do
        id = static_cast<std::uint16_t>(rng.nextU64() % experts);
      while (taken());
      routing.ids[l * k + slot] = id;
      routing.weights[l * k + slot] = 1.0f / static_cast<float>(slot + 1);
      total += routing.weights[l * k + slot];
    }
    for (std::size_t slot = 0; slot < k; ++slot)
      routing.weights[l * k + slot] /= total;
    if (!routing.entropy.empty()) {
      routing.entropy[l] = static_cast<float>(rng.nextU64() >> 40) * 0x1p-24f;
      routing.margin[l] = routing.entropy[l] / 2;
    }
  }
  return routing;
}

inline studio::Track madeUpTrack(const studio::TrackShape& shape, std::int64_t tokens) {
  studio::Track track(shape);
  for (std::int64_t p = 0; p < tokens; ++p)
    track.append(madeUpRouting(shape, p));
  track.setPromptLength(tokens / 2);
  return track;
}

} // namespace switchyard::tests
