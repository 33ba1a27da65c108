#include "analyzers/report/scale.h"

#include <algorithm>
#include <cmath>

namespace switchyard::analyzers::report {

namespace {

/// 1, 2 or 5 times a power of ten, at least (high - low) / count.
double step(double low, double high, int count) {
  const double raw = (high - low) / std::max(count, 1);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9))
      return factor * power;
  }
  return 10 * power;
}

} // namespace

LinearScale niceScale(double low, double high, double pixelLow, double pixelHigh) {
  if (!(high > low)) {
    const double room = low == 0 ? 1 : std::fabs(low) / 2;
    low -= room;
    high += room;
  }
  const double width = step(low, high, 5);
  return {std::floor(low / width + 1e-9) * width, std::ceil(high / width - 1e-9) * width, pixelLow,
          pixelHigh};
}

std::vector<double> ticks(double low, double high, int count) {
  std::vector<double> out;
  if (!(high > low))
    return {low};
  const double width = step(low, high, count);
  for (double n = std::ceil(low / width - 1e-9); n * width <= high + width * 1e-9; ++n)
    out.push_back(n * width);
  return out;
}

} // namespace switchyard::analyzers::report
