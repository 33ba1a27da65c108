#pragma once

#include <cstdint>
#include <vector>

#include "app/studio/live/strand_raster.h"
#include "app/studio/live/yard_parts.h"

namespace switchyard::studio {

/// The first choices of the last tokens, thin, paler with age. What a token's strands cover is
/// found once, for as long as it is among the last ones and the layout stays. GUI thread.
class YardHistory {
public:
  /// Before anything is laid over `image`: which tokens there are, and how old.
  void update(const QImage& image, const YardLayout& layout, const YardScene& scene);
  /// Lays the strands that lead to layers [first, last) over the image, oldest first.
  void lay(StrandRaster& raster, std::size_t first, std::size_t last) const;

private:
  struct Token {
    std::int64_t position = -1;
    std::vector<yard::Segment> segments{}; ///< in the order of layers
    std::vector<StrandMask> masks{};       ///< of the segments
    QColor color{};
  };
  /// The one of this position, or the memory of one that is no longer wanted.
  static Token take(std::vector<Token>& from, std::int64_t position, std::int64_t oldest,
                    std::int64_t newest);

  std::vector<Token> m_tokens; ///< oldest first
  QSize m_size;                ///< of the image they are traced for
  double m_ratio = 0;
  bool m_curved = true;
};

} // namespace switchyard::studio
