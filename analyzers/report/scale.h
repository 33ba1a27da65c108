#pragma once

#include <vector>

namespace switchyard::analyzers::report {

/// A linear axis from values to pixels (which may run backwards).
struct LinearScale {
  double low = 0, high = 1; ///< values, low < high
  double pixelLow = 0, pixelHigh = 1;
  double operator()(double value) const {
    return pixelLow + (value - low) / (high - low) * (pixelHigh - pixelLow);
  }
};

/// Widens [low, high] to round numbers; a single value gets room around it.
LinearScale niceScale(double low, double high, double pixelLow, double pixelHigh);

/// About `count` round numbers inside [low, high], ascending.
std::vector<double> ticks(double low, double high, int count);

} // namespace switchyard::analyzers::report
