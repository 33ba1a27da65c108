// What gate weights and shares look like.

#include <algorithm>
#include <cmath>

#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio::yard {

namespace {
constexpr double kThinnest = 1, kWider = 4.2; ///< px; a full gate weight widens a strand by so much
} // namespace

QColor mixed(const QColor& a, const QColor& b, double t) {
  const auto mix = [t](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * t)); };
  return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

QColor bedColor(double share, const YardScales& scales) {
  const Theme& theme = Theme::instance();
  const QColor low = theme.color(Ink::Raised);
  const QColor high = mixed(theme.color(Ink::Canvas), theme.color(Ink::TextMuted), 0.75);
  return mixed(low, high, scales.bed.share(share));
}

QColor strandColor(double gate, const YardScales& scales) {
  const Theme& theme = Theme::instance();
  const double t = scales.gate.share(gate);
  const double floor = theme.isDark() ? 0.60 : 0.75;
  QColor color = theme.isDark() ? mixed(theme.color(Ink::Accent), QColor(Qt::white), 0.3 * t)
                                : theme.color(Ink::Accent);
  color.setAlphaF(static_cast<float>(floor + (1 - floor) * t));
  return color;
}

QColor stationColor(double gate, const YardScales& scales) {
  const Theme& theme = Theme::instance();
  const double t = scales.gate.share(gate);
  const QColor strong = theme.isDark() ? mixed(theme.color(Ink::Accent), QColor(Qt::white), 0.3 * t)
                                       : theme.color(Ink::Accent);
  return mixed(theme.color(Ink::Canvas), strong, 0.32 + 0.68 * t);
}

double strandWidth(double gate, const YardScales& scales) {
  return kThinnest + kWider * scales.gate.share(gate);
}

double strandWidth(double gate, const YardScales& scales, const YardLayout& layout) {
  const double width = strandWidth(gate, scales);
  return layout.hasChips() ? width : std::min(width, std::max(1.25, layout.pitch() * 0.28));
}

} // namespace switchyard::studio::yard
