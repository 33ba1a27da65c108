#pragma once

#include <optional>
#include <vector>

#include <QString>

#include "app/studio/live/track.h"
#include "app/studio/live/yard_scales.h"

namespace switchyard::studio {

/// A cell of the yard. moeLayer counts the MoE layers, unlike ExpertKey::layer.
struct YardCell {
  int moeLayer = 0;
  int expert = 0;
  friend auto operator<=>(const YardCell&, const YardCell&) = default;
};

/// What a recipe does with an expert.
struct RecipeMark {
  enum Kind { Ban, Boost, Force };
  YardCell cell;
  Kind kind = Ban;
  friend bool operator==(const RecipeMark&, const RecipeMark&) = default;
};

/// Everything that the yard shows at one moment. Tracks are borrowed.
struct YardScene {
  const Track* track = nullptr;
  std::int64_t position = -1;   ///< of the token whose strands are drawn; -1: none
  const Track* other = nullptr; ///< A/B: the same position of this one is drawn in the pin colour
  YardScales scales{};
  int history = 16;          ///< first choices of so many tokens before, at most
  int lensLayer = 0;         ///< MoE layer that the lens unfolds
  QString tokenIn, tokenOut; ///< pieces on the chips; tokenOut empty: nothing came out yet
  QString textIn, textOut;   ///< beside them: "token 51 goes in", "comes out, p 0.99"
  std::optional<YardCell> primary{}, pinned{}, hovered{};
  std::vector<YardCell> set{};
  std::vector<RecipeMark> marks{};
  std::int64_t hoveredToken = -1; ///< its history strand is emphasised
  bool rowOutlined = false;       ///< outline the lens layer's row
};

constexpr int kBedWindow = 32; ///< tokens whose use of an expert shades its cell

} // namespace switchyard::studio
