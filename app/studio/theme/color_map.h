#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include <QColor>

namespace switchyard::studio {

/// 256 opaque colours over [0, 1]. A value.
class ColorMap {
public:
  static constexpr std::size_t kEntries = 256;

  ColorMap() = default;
  explicit ColorMap(const std::array<QRgb, kEntries>& entries) : m_entries(entries) {}

  /// t is clamped to [0, 1]; index round(255 t). NaN is the caller's business: it has no colour.
  QRgb at(double t) const {
    const double clamped = t < 0 ? 0 : t > 1 ? 1 : t;
    return m_entries[static_cast<std::size_t>(std::lround(255 * clamped))];
  }
  const std::array<QRgb, kEntries>& entries() const { return m_entries; }
  /// The same colours from the other end.
  ColorMap inverted() const;

private:
  std::array<QRgb, kEntries> m_entries{};
};

/// Contrast of two opaque colours as WCAG 2 defines it: 1 to 21.
double contrast(QColor a, QColor b);

/// Black or white, whichever contrasts more with the ground: ink of text inside cells.
QColor inkOn(QColor ground);

} // namespace switchyard::studio
