#include "analyzers/statistics/moments.h"

#include <algorithm>

namespace switchyard::statistics {

double meanOf(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values)
    sum += value;
  const double mean = sum / n;
  double rest = 0.0;
  for (const double value : values)
    rest += value - mean;
  return mean + rest / n;
}

double squaresAbout(std::span<const double> values, double mean) {
  return productsAbout(values, mean, values, mean);
}

double productsAbout(std::span<const double> x, double meanX, std::span<const double> y,
                     double meanY) {
  double products = 0.0;
  double restX = 0.0;
  double restY = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - meanX;
    const double dy = y[i] - meanY;
    products += dx * dy;
    restX += dx;
    restY += dy;
  }
  return products - restX * restY / static_cast<double>(x.size());
}

std::optional<double> sampleVariance(std::span<const double> values) {
  if (values.size() < 2)
    return std::nullopt;
  return squaresAbout(values, meanOf(values)) / static_cast<double>(values.size() - 1);
}

bool isConstant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [values](double value) { return value == values.front(); });
}

} // namespace switchyard::statistics
