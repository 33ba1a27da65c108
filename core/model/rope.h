#pragma once

#include <span>
#include <vector>

#include "core/model/config.h"

namespace switchyard::model {

/// Rotation angles for one RopeConfig. Immutable after construction, safe to share.
///
/// Sources: linear (kaiokendev 2023), dynamic NTK (bloc97, emozilla 2023), YaRN (arXiv 2309.00071),
/// LongRoPE (arXiv 2402.13753), Llama 3.1; each as transformers 5.23 computes it, in float32.
class RopeTable {
public:
  explicit RopeTable(const RopeConfig& config);

  /// Writes cos and sin [rotaryDim/2] for `position` in a sequence whose longest position so far is
  /// `sequenceLength - 1` (dynamic and longrope depend on it; others ignore it). Both are already
  /// multiplied by the attention factor. Angles are computed as the reference does: float32
  /// inverse frequencies times float32 position. No allocation.
  void angles(long position, long sequenceLength, std::span<float> cosines,
              std::span<float> sines) const;

  /// True if angles() depends on sequenceLength. Cached keys keep the angles of the length that the
  /// sequence had when they were rotated, as in the reference.
  bool lengthDependent() const;

  int pairs() const { return m_pairs; } ///< rotaryDim / 2

private:
  float frequency(std::size_t pair, bool beyond, float dynamicBase) const;

  RopeConfig m_config;
  int m_pairs = 0;
  std::vector<float> m_exponents;          ///< 2i / rotaryDim
  std::vector<float> m_inverseFrequencies; ///< for sequences within the original length
  std::vector<float> m_longFrequencies;    ///< longrope beyond it
  float m_scale = 1.0f;                    ///< multiplies cos and sin ...
  float m_longScale = 1.0f;                ///< ... and this beyond the original length
};

/// Rotates the leading 2 * cosines.size() values of one head in place; the rest stays.
void applyRope(std::span<float> head, std::span<const float> cosines, std::span<const float> sines,
               bool interleaved);

} // namespace switchyard::model
