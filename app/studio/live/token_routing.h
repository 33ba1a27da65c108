#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/trace/block.h"

namespace switchyard::studio {

/// A token that could have come next.
struct Candidate {
  std::int32_t token = -1;
  float probability = 0;         ///< of the scores that were sampled from; 0 if cut
  std::optional<float> strong{}; ///< self-contrast: probability in the strong pass
  std::optional<float> weak{};   ///< and in the weak one
  bool cut = false;              ///< the contrast left it out
};

/// What followed a token, and what else could have.
struct NextToken {
  std::int32_t token = -1;
  float probability = 0;                                 ///< of `token`
  std::vector<Candidate> candidates{};                   ///< by falling probability, cut ones last
  std::vector<std::pair<std::string, double>> figures{}; ///< what the decoder recorded
};

/// The MoE layers that a track shows, and what is known of each token there.
struct TrackShape {
  std::vector<trace::LayerInfo> layers{}; ///< in stack order; moeLayer i is layers[i]
  bool weights = false;                   ///< gate weights are known
  bool logits = false;                    ///< and router logits, so entropy and margin are
  bool agreement = false; ///< and which experts the model's own rule would have chosen
  trace::LayerInfo widest() const;
  std::size_t layerCount() const { return layers.size(); }
};

/// Routing of one token: [layers, k] and [layers], with k of the widest layer. Arrays of what the
/// shape does not have stay empty.
struct TokenRouting {
  std::int64_t position = 0;
  std::int32_t token = 0;
  std::vector<std::uint16_t> ids{}; ///< rank order; trace::kNoExpert: unused slot
  std::vector<float> weights{};     ///< as multiplied
  std::vector<float> entropy{};     ///< of all experts' probabilities, over ln E: 0..1
  std::vector<float> margin{};      ///< first minus second probability
  std::vector<float> agreement{};   ///< share of the model's own choices among those made: 0..1
  std::optional<NextToken> next{};

  TokenRouting() = default;
  /// Arrays of the right size, no experts.
  explicit TokenRouting(const TrackShape& shape);
};

} // namespace switchyard::studio
