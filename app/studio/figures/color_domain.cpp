#include "app/studio/figures/color_domain.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace switchyard::studio {

namespace {

constexpr double kClampedShare = 0.2;

double onScale(ScaleKind scale, double value) {
  if (scale == ScaleKind::Linear)
    return value;
  return value > 0 ? std::log2(value) : -std::numeric_limits<double>::infinity();
}

double offScale(ScaleKind scale, double value) {
  return scale == ScaleKind::Linear ? value : std::exp2(value);
}

std::vector<double> finiteOf(std::span<const double> values) {
  std::vector<double> finite;
  finite.reserve(values.size());
  std::ranges::copy_if(values, std::back_inserter(finite),
                       [](double v) { return std::isfinite(v); });
  return finite;
}

/// The next of 1, 1.5, 2, 3, 4, 5, 8, 10 times a power of ten.
double roundedUp(double value) {
  if (!(value > 0))
    return 1;
  const double exponent = std::floor(std::log10(value));
  const double power = std::pow(10.0, std::fabs(exponent));
  // Divided where the power is small: 3 / 10 is 0.3, 3 * 0.1 is not.
  const auto scaled = [&](double factor) { return exponent < 0 ? factor / power : factor * power; };
  for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0})
    if (scaled(factor) >= value * (1 - 1e-12))
      return scaled(factor);
  return scaled(10);
}

ColorDomain ratioDomain(std::vector<double> finite, double reach) {
  ColorDomain domain;
  domain.scale = ScaleKind::Log2;
  domain.low = 1 / reach;
  domain.high = reach;
  domain.centre = 1;
  const auto below = std::ranges::count_if(finite, [&](double v) { return v < domain.low; });
  const auto above = std::ranges::count_if(finite, [&](double v) { return v > domain.high; });
  const auto all = static_cast<double>(finite.size());
  if (static_cast<double>(below + above) <= kClampedShare * all) {
    domain.clampsLow = below > 0;
    domain.clampsHigh = above > 0;
    return domain;
  }
  domain = {};
  domain.mark = 1;
  const double largest = *std::ranges::max_element(finite);
  const auto place = finite.begin() + static_cast<std::ptrdiff_t>(0.99 * (all - 1));
  std::nth_element(finite.begin(), place, finite.end());
  domain.high = std::max(2.0, roundedUp(*place));
  domain.clampsHigh = largest > domain.high;
  return domain;
}

} // namespace

double ColorDomain::share(double value) const {
  if (std::isnan(value))
    return value;
  const double v = onScale(scale, value), l = onScale(scale, low), h = onScale(scale, high);
  double t = 0.5;
  if (centre) {
    const double c = onScale(scale, *centre);
    if (v < c)
      t = c > l ? 0.5 * (v - l) / (c - l) : 0.0;
    else if (v > c)
      t = h > c ? 0.5 + 0.5 * (v - c) / (h - c) : 1.0;
  } else if (h > l) {
    t = (v - l) / (h - l);
  }
  t = std::clamp(t, 0.0, 1.0);
  return inverted ? 1 - t : t;
}

double ColorDomain::valueAt(double share) const {
  const double t = std::clamp(inverted ? 1 - share : share, 0.0, 1.0);
  const double l = onScale(scale, low), h = onScale(scale, high);
  if (!centre)
    return offScale(scale, l + (h - l) * t);
  const double c = onScale(scale, *centre);
  return offScale(scale, t < 0.5 ? l + (c - l) * 2 * t : c + (h - c) * (2 * t - 1));
}

ColorDomain clampedTo(ColorDomain scale, double least, double most) {
  scale.clampsLow = scale.low > least;
  scale.clampsHigh = scale.high < most;
  return scale;
}

DomainRule ruleFor(const trace::Heatmap& map) {
  const std::string& unit = map.unit;
  const auto says = [&](const char* word) { return unit.find(word) != std::string::npos; };
  if (says("fair share"))
    return DomainRule::Load;
  if (says("times chance") || says("lift"))
    return DomainRule::Lift;
  if (says("times uniform"))
    return DomainRule::CoactivationLift;
  if (says("P(") || says("share") || says("probability"))
    return DomainRule::Probability;
  return map.neutral ? DomainRule::Difference : DomainRule::Range;
}

ColorDomain domainFor(std::span<const double> values, DomainRule rule,
                      std::optional<double> neutral) {
  std::vector<double> finite = finiteOf(values);
  ColorDomain domain;
  if (rule == DomainRule::Load || rule == DomainRule::Lift)
    return ratioDomain(std::move(finite), 4);
  if (rule == DomainRule::CoactivationLift)
    return ratioDomain(std::move(finite), 8);
  const double smallest = finite.empty() ? 0 : *std::ranges::min_element(finite);
  const double largest = finite.empty() ? 1 : *std::ranges::max_element(finite);
  switch (rule) {
  case DomainRule::Probability:
    domain.high = largest > 0.5 ? 1 : roundedUp(largest);
    domain.mark = neutral;
    domain.clampsHigh = largest > domain.high;
    break;
  case DomainRule::TopGate:
    domain.low = neutral.value_or(0);
    domain.clampsLow = smallest < domain.low;
    break;
  case DomainRule::Difference: {
    domain.centre = neutral.value_or(0);
    const double reach = roundedUp(std::max(largest - *domain.centre, *domain.centre - smallest));
    domain.low = *domain.centre - reach;
    domain.high = *domain.centre + reach;
    break;
  }
  default:
    domain.low = smallest >= 0 && smallest < 0.3 * largest ? 0 : smallest;
    domain.high = largest > domain.low ? largest : domain.low + 1;
    domain.mark = neutral;
  }
  return domain;
}

std::vector<double> legendValues(const ColorDomain& domain) {
  std::vector<double> values = {domain.low, domain.high};
  if (domain.centre)
    values.push_back(*domain.centre);
  if (domain.mark && *domain.mark > domain.low && *domain.mark < domain.high)
    values.push_back(*domain.mark);
  if (!domain.centre && !domain.mark)
    values.push_back(domain.valueAt(0.5));
  if (domain.centre && domain.scale == ScaleKind::Log2) {
    for (double value = domain.low * 2; value < domain.high; value *= 2)
      values.push_back(value);
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

} // namespace switchyard::studio
