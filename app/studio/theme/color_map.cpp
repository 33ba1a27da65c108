#include "app/studio/theme/color_map.h"

#include <algorithm>

namespace switchyard::studio {

namespace {

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(QColor color) {
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
         0.0722 * linear(color.blueF());
}

} // namespace

ColorMap ColorMap::inverted() const {
  std::array<QRgb, kEntries> entries = m_entries;
  std::reverse(entries.begin(), entries.end());
  return ColorMap(entries);
}

double contrast(QColor a, QColor b) {
  const double first = luminance(a);
  const double second = luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor inkOn(QColor ground) {
  return contrast(ground, Qt::black) >= contrast(ground, Qt::white) ? Qt::black : Qt::white;
}

} // namespace switchyard::studio
