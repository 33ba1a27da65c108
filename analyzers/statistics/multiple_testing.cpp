#include "analyzers/statistics/multiple_testing.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace switchyard::statistics {

namespace {

double harmonicNumber(std::size_t count) {
  double sum = 0.0;
  for (std::size_t i = count; i > 0; --i)
    sum += 1.0 / static_cast<double>(i);
  return sum;
}

} // namespace

base::Result<std::vector<double>> adjustPValues(std::span<const double> p, Correction correction) {
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!(p[i] >= 0.0 && p[i] <= 1.0))
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("p value {} is {}; every p must lie in 0..1", i, p[i]));
  const std::size_t count = p.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [p](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(count);
  const auto tests = static_cast<double>(count);
  if (correction == Correction::Holm) {
    double running = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
      running = std::max(running, p[order[i]] * (tests - static_cast<double>(i)));
      adjusted[order[i]] = std::min(running, 1.0);
    }
    return adjusted;
  }
  const double factor = correction == Correction::BenjaminiYekutieli ? harmonicNumber(count) : 1.0;
  double running = 1.0;
  for (std::size_t i = count; i-- > 0;) {
    running = std::min(running, p[order[i]] * factor * tests / static_cast<double>(i + 1));
    adjusted[order[i]] = running;
  }
  return adjusted;
}

bool rejects(double adjusted, double alpha) {
  return adjusted <= alpha * (1.0 + 1e-12);
}

} // namespace switchyard::statistics
