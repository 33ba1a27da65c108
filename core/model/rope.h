#pragma once

#include <span>
#include <vector>

#include "core/model/config.h"

namespace switchyard::model {

/// Rotation angles for one RopeConfig. Immutable after construction, safe to share.
class RopeTable {
public:
  explicit RopeTable(const RopeConfig& config);

  /// Writes cos and sin [rotaryDim/2] for `position` in a sequence whose longest position so far is
  /// `sequenceLength - 1` (dynamic and longrope depend on it; others ignore it). Both are already
  /// multiplied by the attention factor. Angles are computed as the reference does: float32
  /// inverse frequencies times float32 position.
  void angles(long position, long sequenceLength, std::span<float> cosines,
              std::span<float> sines) const;

  /// True if angles() depends on sequenceLength beyond this many positions: cached keys rotated
  /// earlier then differ from the reference's own (it keeps them as they were, so do we).
  bool lengthDependent() const;

  int pairs() const { return m_pairs; } ///< rotaryDim / 2

private:
  RopeConfig m_config;
  int m_pairs = 0;
  std::vector<float> m_inverseFrequencies; ///< for sequences within the original length
  std::vector<float> m_longFrequencies;    ///< longrope beyond it
  float m_scale = 1.0f;
};

/// Rotates the leading rotaryDim values of one head in place.
void applyRope(std::span<float> head, std::span<const float> cosines, std::span<const float> sines,
               bool interleaved);

} // namespace switchyard::model
