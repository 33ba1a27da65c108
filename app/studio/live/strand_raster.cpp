#include "app/studio/live/strand_raster.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace switchyard::studio {

namespace {

// Four pixels, and two of the four channels of each; coverage of eight.
using Pixels = std::uint32_t __attribute__((vector_size(16)));
using Channels = std::uint16_t __attribute__((vector_size(16)));
using Shares8 = std::uint8_t __attribute__((vector_size(8)));

/// A colour that is laid over pixels, with opacities from 0 to 256.
class Ink256 {
public:
  explicit Ink256(const QColor& color)
      : m_blueRed(std::bit_cast<Channels>(Pixels{} + (color.rgb() & 0xff00ffU))),
        m_greenAlpha(std::bit_cast<Channels>(Pixels{} + (color.rgb() >> 8 & 0xff00ffU))),
        m_opacity(Channels{} +
                  static_cast<std::uint16_t>(std::clamp<long>(
                      std::lround(256 * static_cast<double>(color.alphaF())), 1, 256))),
        m_rest(256 - m_opacity) {}

  void over(QRgb* pixels, int count) const {
    for (int i = 0; i < count; i += 4)
      blend(pixels + i, m_opacity);
  }
  /// As far as the pixels are covered.
  void over(QRgb* pixels, int count, const std::uint8_t* shares) const {
    for (int i = 0; i < count; i += StrandMask::kGroup) {
      Shares8 narrow;
      std::memcpy(&narrow, shares + i, sizeof narrow);
      auto covered = __builtin_convertvector(narrow, Channels);
      covered += covered >> 7;
      const Channels ink = covered - ((covered * m_rest + 128) >> 8);
      blend(pixels + i, __builtin_shufflevector(ink, ink, 0, 0, 1, 1, 2, 2, 3, 3));
      blend(pixels + i + 4, __builtin_shufflevector(ink, ink, 4, 4, 5, 5, 6, 6, 7, 7));
    }
  }

private:
  /// ink: the opacity of each of four pixels, twice.
  void blend(QRgb* pixels, Channels ink) const {
    Pixels old;
    std::memcpy(&old, pixels, sizeof old);
    const Channels rest = 256 - ink;
    const Channels blueRed = std::bit_cast<Channels>(old & 0xff00ffU) * rest + m_blueRed * ink;
    const Channels greenAlpha =
        std::bit_cast<Channels>(old >> 8 & 0xff00ffU) * rest + m_greenAlpha * ink;
    old = std::bit_cast<Pixels>(blueRed >> 8) | (std::bit_cast<Pixels>(greenAlpha) & 0xff00ff00U);
    std::memcpy(pixels, &old, sizeof old);
  }

  Channels m_blueRed, m_greenAlpha;
  Channels m_opacity, m_rest; ///< 1 to 256; what is missing to 256
};

} // namespace

StrandRaster::StrandRaster(QImage& image)
    : m_bits(image.bits()), m_bytesPerLine(image.bytesPerLine()), m_size(image.size()),
      m_ratio(image.devicePixelRatio()) {}

void StrandRaster::lay(const StrandMask& mask, const QColor& color) {
  const Ink256 ink(color);
  for (const StrandMask::Run& run : mask.runs) {
    QRgb* const pixels = reinterpret_cast<QRgb*>(m_bits + run.y * m_bytesPerLine) + run.first;
    if (run.shares < 0)
      ink.over(pixels, run.count);
    else
      ink.over(pixels, run.count, mask.shares.data() + run.shares);
  }
}

void StrandRaster::draw(QPointF from, QPointF to, double width, const QColor& color, bool curved) {
  traceStrand(m_mask, m_size, from * m_ratio, to * m_ratio, width * m_ratio, curved);
  lay(m_mask, color);
}

} // namespace switchyard::studio
